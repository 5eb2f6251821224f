<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en_US">
<context>
    <name>Exporting</name>
    <message numerus="yes">
        <source>{count} sale(s) exported to {file}.</source>
        <translation>
            <numerusform>{count} sale exported to {file}.</numerusform>
            <numerusform>{count} sales exported to {file}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Exporting… {count} sale(s) so far.</source>
        <translation>
            <numerusform>Exporting… {count} sale so far.</numerusform>
            <numerusform>Exporting… {count} sales so far.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FiguresStrip</name>
    <message numerus="yes">
        <source>{count} sale(s)</source>
        <translation>
            <numerusform>{count} sale</numerusform>
            <numerusform>{count} sales</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ListPane</name>
    <message numerus="yes">
        <source>{count} sale(s)</source>
        <translation>
            <numerusform>{count} sale</numerusform>
            <numerusform>{count} sales</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{count} sale(s) on this computer, the only place to search now</source>
        <translation>
            <numerusform>{count} sale on this computer, the only place to search now</numerusform>
            <numerusform>{count} sales on this computer, the only place to search now</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Sorted among {count} sale(s) so far…</source>
        <translation>
            <numerusform>Sorted among {count} sale so far…</numerusform>
            <numerusform>Sorted among {count} sales so far…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Notes</name>
    <message numerus="yes">
        <source>{count} sale(s)</source>
        <translation>
            <numerusform>{count} sale</numerusform>
            <numerusform>{count} sales</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SaleDetails</name>
    <message numerus="yes">
        <source>and {count} more item(s)</source>
        <translation>
            <numerusform>and {count} more item</numerusform>
            <numerusform>and {count} more items</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message numerus="yes">
        <source>{count} new sale(s)</source>
        <translation>
            <numerusform>{count} new sale</numerusform>
            <numerusform>{count} new sales</numerusform>
        </translation>
    </message>
</context>
</TS>
