<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en_US">
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
