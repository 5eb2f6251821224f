<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es" sourcelanguage="en_US">
<context>
    <name>AccountButton</name>
    <message>
        <source>Continue as {email}</source>
        <translation>Continuar como {email}</translation>
    </message>
</context>
<context>
    <name>AccountsMenu</name>
    <message>
        <source>Accounts</source>
        <translation>Cuentas</translation>
    </message>
    <message>
        <source>{account} (signed out)</source>
        <translation>{account} (sesión cerrada)</translation>
    </message>
</context>
<context>
    <name>AddressStep</name>
    <message>
        <source>shop.example.com</source>
        <translation>tienda.example.com</translation>
    </message>
    <message>
        <source>Whoever runs the server of your shop knows its address.</source>
        <translation>Quien administra el servidor de su tienda conoce la dirección.</translation>
    </message>
    <message>
        <source>&amp;Continue</source>
        <translation>&amp;Continuar</translation>
    </message>
    <message>
        <source>&amp;Server</source>
        <translation>&amp;Servidor</translation>
    </message>
    <message>
        <source>Enter the address of your server.</source>
        <translation>Escriba la dirección de su servidor.</translation>
    </message>
</context>
<context>
    <name>ApplicationMenu</name>
    <message>
        <source>Open sales</source>
        <translation>Abrir ventas</translation>
    </message>
    <message>
        <source>Reconnect now</source>
        <translation>Reconectar ahora</translation>
    </message>
    <message>
        <source>Sign in…</source>
        <translation>Iniciar sesión…</translation>
    </message>
    <message>
        <source>Add another account…</source>
        <translation>Agregar otra cuenta…</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Preferencias…</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Salir</translation>
    </message>
    <message>
        <source>Sign out {email}…</source>
        <translation>Cerrar sesión de {email}…</translation>
    </message>
</context>
<context>
    <name>BrowserPage</name>
    <message>
        <source>Waiting for your browser…</source>
        <translation>Esperando a su navegador…</translation>
    </message>
    <message>
        <source>Cance&amp;l</source>
        <translation>Cance&amp;lar</translation>
    </message>
    <message>
        <source>Sign in with Google on the page that opens there. This window goes on by itself.</source>
        <translation>Inicie sesión con Google en la página que se abre allí. Esta ventana continúa sola.</translation>
    </message>
</context>
<context>
    <name>ColumnMenu</name>
    <message>
        <source>Sort by</source>
        <translation>Ordenar por</translation>
    </message>
    <message>
        <source>Usual columns and order</source>
        <translation>Columnas y orden habituales</translation>
    </message>
    <message>
        <source>The other way round</source>
        <translation>En orden inverso</translation>
    </message>
</context>
<context>
    <name>Columns</name>
    <message>
        <source>Number</source>
        <translation>Número</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>Cliente</translation>
    </message>
    <message>
        <source>E-mail</source>
        <translation>Correo</translation>
    </message>
    <message>
        <source>Items</source>
        <translation>Artículos</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>Canal</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Estado</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>Total</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Hora</translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
</context>
<context>
    <name>Exporting</name>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>sales-{day}.csv</source>
        <translation>ventas-{day}.csv</translation>
    </message>
    <message>
        <source>Export sales</source>
        <translation>Exportar ventas</translation>
    </message>
    <message>
        <source>The export failed: {problem}</source>
        <translation>No se pudo exportar: {problem}</translation>
    </message>
    <message numerus="yes">
        <source>{count} sale(s) exported to {file}.</source>
        <translation>
            <numerusform>{count} venta exportada en {file}.</numerusform>
            <numerusform>{count} ventas exportadas en {file}.</numerusform>
        </translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Mostrar en la carpeta</translation>
    </message>
    <message numerus="yes">
        <source>Exporting… {count} sale(s) so far.</source>
        <translation>
            <numerusform>Exportando… {count} venta hasta ahora.</numerusform>
            <numerusform>Exportando… {count} ventas hasta ahora.</numerusform>
        </translation>
    </message>
    <message>
        <source>Understood</source>
        <translation>Entendido</translation>
    </message>
</context>
<context>
    <name>FiguresStrip</name>
    <message>
        <source>Today</source>
        <translation>Hoy</translation>
    </message>
    <message>
        <source>Revenue</source>
        <translation>Ingresos</translation>
    </message>
    <message>
        <source>Average sale</source>
        <translation>Venta promedio</translation>
    </message>
    <message>
        <source>as of {time}</source>
        <translation>a las {time}</translation>
    </message>
    <message numerus="yes">
        <source>{count} sale(s)</source>
        <translation>
            <numerusform>{count} venta</numerusform>
            <numerusform>{count} ventas</numerusform>
        </translation>
    </message>
    <message>
        <source>as many as yesterday by {time}</source>
        <translation>tantas como ayer a las {time}</translation>
    </message>
    <message>
        <source>none yesterday by {time}</source>
        <translation>ninguna ayer a las {time}</translation>
    </message>
    <message>
        <source>▲ {percent} % more than yesterday by {time}</source>
        <translation>▲ {percent} % más que ayer a las {time}</translation>
    </message>
    <message>
        <source>▼ {percent} % less than yesterday by {time}</source>
        <translation>▼ {percent} % menos que ayer a las {time}</translation>
    </message>
    <message>
        <source>last {weekday}: {count}</source>
        <translation>{weekday} pasado: {count}</translation>
    </message>
    <message>
        <source>Sales per day</source>
        <translation>Ventas por día</translation>
    </message>
    <message>
        <source>Sales per hour</source>
        <translation>Ventas por hora</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>Horas</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Días</translation>
    </message>
    <message>
        <source>yesterday {count}</source>
        <translation>ayer {count}</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Search number, customer, product…</source>
        <translation>Buscar número, cliente, producto…</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Buscar</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Desde</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Hasta</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Columnas</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Quitar filtros</translation>
    </message>
    <message>
        <source>all</source>
        <translation>todos</translation>
    </message>
    <message>
        <source>Status: {choice}</source>
        <translation>Estado: {choice}</translation>
    </message>
    <message>
        <source>Channel: {choice}</source>
        <translation>Canal: {choice}</translation>
    </message>
    <message>
        <source>Period: {choice}</source>
        <translation>Período: {choice}</translation>
    </message>
    <message>
        <source>All days</source>
        <translation>Todos los días</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Hoy</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Ayer</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>Últimos 7 días</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>Últimos 30 días</translation>
    </message>
    <message>
        <source>This month</source>
        <translation>Este mes</translation>
    </message>
    <message>
        <source>From … to …</source>
        <translation>Desde … hasta …</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Todos</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Menu</source>
        <translation>Menú</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportar</translation>
    </message>
    <message>
        <source>Write the listed sales to a CSV file (Ctrl+E)</source>
        <translation>Guardar las ventas de la lista en un archivo CSV (Ctrl+E)</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Preferencias</translation>
    </message>
    <message>
        <source>Settings (Ctrl+,)</source>
        <translation>Preferencias (Ctrl+,)</translation>
    </message>
    <message>
        <source>Sales</source>
        <translation>Ventas</translation>
    </message>
    <message>
        <source>Store: {name}</source>
        <translation>Tienda: {name}</translation>
    </message>
    <message>
        <source>elsewhere: {new_sales}</source>
        <translation>en otras tiendas: {new_sales}</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>What happened</source>
        <translation>Qué pasó</translation>
    </message>
    <message>
        <source>The history cannot be shown: {problem}</source>
        <translation>El historial no se puede mostrar: {problem}</translation>
    </message>
    <message>
        <source>Payment confirmed</source>
        <translation>Pago confirmado</translation>
    </message>
    <message>
        <source>Checkout created</source>
        <translation>Checkout creado</translation>
    </message>
    <message>
        <source>Sale created</source>
        <translation>Venta creada</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Cancelada</translation>
    </message>
    <message>
        <source>Refunded</source>
        <translation>Reembolsada</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Modificada</translation>
    </message>
</context>
<context>
    <name>KeptAccounts</name>
    <message>
        <source>or with another account</source>
        <translation>o con otra cuenta</translation>
    </message>
</context>
<context>
    <name>ListPane</name>
    <message numerus="yes">
        <source>{count} sale(s)</source>
        <translation>
            <numerusform>{count} venta</numerusform>
            <numerusform>{count} ventas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{count} sale(s) on this computer, the only place to search now</source>
        <translation>
            <numerusform>{count} venta en esta computadora; por ahora solo se busca aquí</numerusform>
            <numerusform>{count} ventas en esta computadora; por ahora solo se busca aquí</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Sorted among {count} sale(s) so far…</source>
        <translation>
            <numerusform>Orden entre {count} venta por ahora…</numerusform>
            <numerusform>Orden entre {count} ventas por ahora…</numerusform>
        </translation>
    </message>
    <message>
        <source>{count} of …</source>
        <translation>{count} de …</translation>
    </message>
</context>
<context>
    <name>Notes</name>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>Mark all seen</source>
        <translation>Marcar todo como visto</translation>
    </message>
    <message>
        <source>Payment confirmed</source>
        <translation>Pago confirmado</translation>
    </message>
    <message>
        <source>This is a test. {sale}</source>
        <translation>Esto es una prueba. {sale}</translation>
    </message>
    <message numerus="yes">
        <source>{count} sale(s)</source>
        <translation>
            <numerusform>{count} venta</numerusform>
            <numerusform>{count} ventas</numerusform>
        </translation>
    </message>
    <message>
        <source>While you were away: {sales}, {amounts}</source>
        <translation>Mientras no estaba: {sales}, {amounts}</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>Reconnect now</source>
        <translation>Reconectar ahora</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Copiar detalles</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Reintentar</translation>
    </message>
    <message>
        <source>Understood</source>
        <translation>Entendido</translation>
    </message>
    <message>
        <source>Download page</source>
        <translation>Página de descarga</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>Más tarde</translation>
    </message>
    <message>
        <source>Your server cannot reach its shared log: new sales still arrive, counts may lag.</source>
        <translation>Su servidor no alcanza el registro compartido: las ventas nuevas siguen llegando, pero los totales pueden atrasarse.</translation>
    </message>
    <message>
        <source>The list may lack older sales: {problem}</source>
        <translation>A la lista pueden faltarle ventas anteriores: {problem}</translation>
    </message>
    <message>
        <source>Your sign-in could not be kept in this computer&apos;s keyring: you will be asked for it again next time. To stay signed in, set up the keyring or unlock it, then sign in again.</source>
        <translation>No se pudo guardar su sesión en el llavero de claves de esta computadora: la próxima vez se le pedirá de nuevo. Para conservarla, configure o desbloquee el llavero y vuelva a iniciar sesión.</translation>
    </message>
    <message>
        <source>Sign in to see the sales of your shop.</source>
        <translation>Inicie sesión para ver las ventas de su tienda.</translation>
    </message>
    <message>
        <source>You are signed out</source>
        <translation>La sesión está cerrada</translation>
    </message>
    <message>
        <source>Sign in…</source>
        <translation>Iniciar sesión…</translation>
    </message>
    <message>
        <source>Loading the sales…</source>
        <translation>Cargando las ventas…</translation>
    </message>
    <message>
        <source>Your sales appear here as soon as the connection is back.</source>
        <translation>Sus ventas aparecerán aquí en cuanto vuelva la conexión.</translation>
    </message>
    <message>
        <source>No connection to your server</source>
        <translation>Sin conexión con su servidor</translation>
    </message>
    <message>
        <source>It is tried again by itself.</source>
        <translation>Se volverá a intentar automáticamente.</translation>
    </message>
    <message>
        <source>The sales could not be loaded</source>
        <translation>No se pudieron cargar las ventas</translation>
    </message>
    <message>
        <source>The bell rings with the first one. To ring a test, run this where your server is:</source>
        <translation>La campana sonará con la primera. Para hacer una prueba, ejecute esto donde está su servidor:</translation>
    </message>
    <message>
        <source>No sales yet</source>
        <translation>Todavía no hay ventas</translation>
    </message>
    <message>
        <source>Try other words, or another status, channel or period.</source>
        <translation>Pruebe otras palabras, u otro estado, canal o período.</translation>
    </message>
    <message>
        <source>No sales match</source>
        <translation>Ninguna venta coincide</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Quitar filtros</translation>
    </message>
    <message>
        <source>Older sales are searched as soon as the server can be asked again.</source>
        <translation>Las ventas anteriores se buscan apenas se pueda consultar de nuevo al servidor.</translation>
    </message>
    <message>
        <source>No sales on this computer match</source>
        <translation>Ninguna venta de esta computadora coincide</translation>
    </message>
    <message>
        <source>Version {version} of Salebell is out: your server has it already.</source>
        <translation>Salió la versión {version} de Salebell: su servidor ya la tiene.</translation>
    </message>
</context>
<context>
    <name>QuietMenu</name>
    <message>
        <source>Do not disturb</source>
        <translation>No molestar</translation>
    </message>
    <message>
        <source>Do not disturb until {time}</source>
        <translation>No molestar hasta {time}</translation>
    </message>
    <message>
        <source>Until {time} — turn off</source>
        <translation>Hasta {time} — desactivar</translation>
    </message>
    <message>
        <source>Always, by the schedule</source>
        <translation>Siempre, según el horario</translation>
    </message>
    <message>
        <source>Until {time}, by the schedule</source>
        <translation>Hasta {time}, según el horario</translation>
    </message>
    <message>
        <source>For an hour</source>
        <translation>Durante una hora</translation>
    </message>
    <message>
        <source>Until tomorrow morning</source>
        <translation>Hasta mañana por la mañana</translation>
    </message>
</context>
<context>
    <name>Reasons</name>
    <message>
        <source>The server cannot be reached.</source>
        <translation>No se puede llegar al servidor.</translation>
    </message>
    <message>
        <source>The connection to the server was lost.</source>
        <translation>Se perdió la conexión con el servidor.</translation>
    </message>
    <message>
        <source>The server does not answer.</source>
        <translation>El servidor no responde.</translation>
    </message>
    <message>
        <source>The server skipped a sale; asking it again.</source>
        <translation>El servidor omitió una venta; se le pide de nuevo.</translation>
    </message>
    <message>
        <source>Please sign in again.</source>
        <translation>Inicie sesión de nuevo.</translation>
    </message>
    <message>
        <source>This server needs a newer version of Salebell.</source>
        <translation>Este servidor necesita una versión más nueva de Salebell.</translation>
    </message>
    <message>
        <source>The server is restarting.</source>
        <translation>El servidor se está reiniciando.</translation>
    </message>
    <message>
        <source>The server refused a message of this program as too large.</source>
        <translation>El servidor rechazó un mensaje de este programa por ser demasiado grande.</translation>
    </message>
    <message>
        <source>Please report this.</source>
        <translation>Por favor, avise de esto.</translation>
    </message>
    <message>
        <source>The server did not understand this program.</source>
        <translation>El servidor no entendió a este programa.</translation>
    </message>
    <message>
        <source>Please install its latest version.</source>
        <translation>Instale la última versión.</translation>
    </message>
    <message>
        <source>The server does not accept this sign-in.</source>
        <translation>El servidor no acepta esta sesión.</translation>
    </message>
    <message>
        <source>This account was disabled, or signed out everywhere.</source>
        <translation>Esta cuenta fue desactivada, o se cerró su sesión en todas partes.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is not trusted on this computer.</source>
        <translation>El certificado del servidor no es de confianza en esta computadora.</translation>
    </message>
    <message>
        <source>Something else than Salebell answers at this address.</source>
        <translation>En esta dirección responde algo que no es Salebell.</translation>
    </message>
    <message>
        <source>There is no server of that name, or this computer is offline.</source>
        <translation>No hay un servidor con ese nombre, o esta computadora no tiene conexión.</translation>
    </message>
    <message>
        <source>Unlock it, then choose Reconnect now.</source>
        <translation>Desbloquéelo y elija Reconectar ahora.</translation>
    </message>
    <message>
        <source>This account is not an admin any more.</source>
        <translation>Esta cuenta ya no es de administrador.</translation>
    </message>
    <message>
        <source>This computer is offline, or there is no way from it to the server.</source>
        <translation>Esta computadora no tiene conexión, o no hay camino desde ella hasta el servidor.</translation>
    </message>
    <message>
        <source>The computer at this address answers, but no server is listening there.</source>
        <translation>La computadora de esta dirección responde, pero allí no atiende ningún servidor.</translation>
    </message>
    <message>
        <source>The server at this address wants an encrypted connection.</source>
        <translation>El servidor de esta dirección pide una conexión cifrada.</translation>
    </message>
    <message>
        <source>Begin its address with wss://.</source>
        <translation>Comience la dirección con wss://.</translation>
    </message>
    <message>
        <source>The server at this address offers no encrypted connection.</source>
        <translation>El servidor de esta dirección no ofrece una conexión cifrada.</translation>
    </message>
    <message>
        <source>No encrypted connection to the server could be made.</source>
        <translation>No se pudo establecer una conexión cifrada con el servidor.</translation>
    </message>
    <message>
        <source>This server is too old for this version of Salebell.</source>
        <translation>Este servidor es demasiado antiguo para esta versión de Salebell.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate has run out, or the clock of this computer is wrong.</source>
        <translation>El certificado del servidor venció, o el reloj de esta computadora está mal.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is not valid yet, or the clock of this computer is wrong.</source>
        <translation>El certificado del servidor todavía no es válido, o el reloj de esta computadora está mal.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is for another name than the one in its address.</source>
        <translation>El certificado del servidor es para otro nombre que el de su dirección.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate is faulty.</source>
        <translation>El certificado del servidor es defectuoso.</translation>
    </message>
    <message>
        <source>This file cannot be read.</source>
        <translation>No se puede leer este archivo.</translation>
    </message>
    <message>
        <source>This file is too large to hold certificates.</source>
        <translation>Este archivo es demasiado grande para contener certificados.</translation>
    </message>
    <message>
        <source>There is no certificate in this file.</source>
        <translation>En este archivo no hay ningún certificado.</translation>
    </message>
    <message>
        <source>A certificate in this file cannot be read.</source>
        <translation>No se puede leer un certificado de este archivo.</translation>
    </message>
    <message>
        <source>Please ask whoever runs your server for the right file.</source>
        <translation>Pida el archivo correcto a quien administra su servidor.</translation>
    </message>
    <message>
        <source>The certificates could not be saved on this computer.</source>
        <translation>No se pudieron guardar los certificados en esta computadora.</translation>
    </message>
    <message>
        <source>The server&apos;s address is missing.</source>
        <translation>Falta la dirección del servidor.</translation>
    </message>
    <message>
        <source>Give its address, such as api.example.com or localhost:3001.</source>
        <translation>Indique su dirección, como api.example.com o localhost:3001.</translation>
    </message>
    <message>
        <source>Leave the name and the password out of the server&apos;s address; you are asked for them.</source>
        <translation>No incluya el nombre ni la contraseña en la dirección del servidor; se le piden aparte.</translation>
    </message>
    <message>
        <source>The server&apos;s address must end after its name and port.</source>
        <translation>La dirección del servidor debe terminar después de su nombre y puerto.</translation>
    </message>
    <message>
        <source>This is not the address of a server.</source>
        <translation>Esta no es la dirección de un servidor.</translation>
    </message>
    <message>
        <source>This is not the name of a server.</source>
        <translation>Este no es el nombre de un servidor.</translation>
    </message>
    <message>
        <source>The port in the server&apos;s address must be a number from 1 to 65535.</source>
        <translation>El puerto en la dirección del servidor debe ser un número de 1 a 65535.</translation>
    </message>
    <message>
        <source>The server&apos;s address cannot begin with {scheme}://.</source>
        <translation>La dirección del servidor no puede comenzar con {scheme}://.</translation>
    </message>
    <message>
        <source>This is not an address that a server can have.</source>
        <translation>Esta no es una dirección que pueda tener un servidor.</translation>
    </message>
    <message>
        <source>A connection to {host} without encryption would show passwords and sales to others.</source>
        <translation>Una conexión sin cifrar con {host} mostraría contraseñas y ventas a otras personas.</translation>
    </message>
    <message>
        <source>Use wss://{host}.</source>
        <translation>Use wss://{host}.</translation>
    </message>
    <message>
        <source>E-mail or password is wrong.</source>
        <translation>El correo electrónico o la contraseña no son correctos.</translation>
    </message>
    <message>
        <source>This account is disabled.</source>
        <translation>Esta cuenta está desactivada.</translation>
    </message>
    <message>
        <source>Please ask whoever runs your server.</source>
        <translation>Consulte a quien administra su servidor.</translation>
    </message>
    <message>
        <source>This account is not an admin of any shop.</source>
        <translation>Esta cuenta no administra ninguna tienda.</translation>
    </message>
    <message>
        <source>This account is not an admin of any shop any more.</source>
        <translation>Esta cuenta ya no administra ninguna tienda.</translation>
    </message>
    <message>
        <source>Too many attempts.</source>
        <translation>Demasiados intentos.</translation>
    </message>
    <message>
        <source>Please wait some minutes and try again.</source>
        <translation>Espere unos minutos e intente de nuevo.</translation>
    </message>
    <message>
        <source>You were away for long.</source>
        <translation>Pasó mucho tiempo sin usarse.</translation>
    </message>
    <message>
        <source>This account was signed out.</source>
        <translation>Se cerró la sesión de esta cuenta.</translation>
    </message>
    <message>
        <source>Signed out.</source>
        <translation>Sesión cerrada.</translation>
    </message>
    <message>
        <source>This server signs in by means that this version of Salebell does not know.</source>
        <translation>Este servidor inicia sesión de una manera que esta versión de Salebell no conoce.</translation>
    </message>
    <message>
        <source>This server asks for another kind of sign-in than before.</source>
        <translation>Este servidor pide otra forma de iniciar sesión que antes.</translation>
    </message>
    <message>
        <source>This server signs in in another way now.</source>
        <translation>Este servidor ahora usa otra forma de iniciar sesión.</translation>
    </message>
    <message>
        <source>Do not sign in before whoever runs it has told you why.</source>
        <translation>No inicie sesión hasta que quien lo administra le haya dicho por qué.</translation>
    </message>
    <message>
        <source>This computer has no keyring to keep the sign-in in.</source>
        <translation>Esta computadora no tiene un llavero de claves donde guardar la sesión.</translation>
    </message>
    <message>
        <source>The keyring of this computer is locked.</source>
        <translation>El llavero de claves de esta computadora está bloqueado.</translation>
    </message>
    <message>
        <source>The keyring of this computer did not answer.</source>
        <translation>El llavero de claves de esta computadora no respondió.</translation>
    </message>
    <message>
        <source>The keyring of this computer failed.</source>
        <translation>El llavero de claves de esta computadora falló.</translation>
    </message>
    <message>
        <source>Google cannot be reached to check the sign-in.</source>
        <translation>No se puede llegar a Google para verificar la sesión.</translation>
    </message>
    <message>
        <source>Google cannot check the sign-in just now.</source>
        <translation>Google no puede verificar la sesión en este momento.</translation>
    </message>
    <message>
        <source>Signing in is not set up as it should be for this shop.</source>
        <translation>El inicio de sesión de esta tienda no está configurado como debe.</translation>
    </message>
    <message>
        <source>This shop does not sign in with passwords.</source>
        <translation>En esta tienda no se inicia sesión con contraseña.</translation>
    </message>
    <message>
        <source>This account asks for a second factor, which this version of Salebell does not know.</source>
        <translation>Esta cuenta pide un segundo factor, que esta versión de Salebell no conoce.</translation>
    </message>
    <message>
        <source>Google did not accept this sign-in.</source>
        <translation>Google no aceptó este inicio de sesión.</translation>
    </message>
    <message>
        <source>Please try again.</source>
        <translation>Inténtelo de nuevo.</translation>
    </message>
    <message>
        <source>This account signs in in another way.</source>
        <translation>Esta cuenta inicia sesión de otra manera.</translation>
    </message>
    <message>
        <source>Please use your password.</source>
        <translation>Use su contraseña.</translation>
    </message>
    <message>
        <source>The sign-in is for another shop than this one.</source>
        <translation>El inicio de sesión es para otra tienda que esta.</translation>
    </message>
    <message>
        <source>There is no account for this address.</source>
        <translation>No hay ninguna cuenta con esta dirección.</translation>
    </message>
    <message>
        <source>This account does not exist any more.</source>
        <translation>Esta cuenta ya no existe.</translation>
    </message>
    <message>
        <source>The sign-in kept on this computer is not good any more.</source>
        <translation>La sesión guardada en esta computadora ya no sirve.</translation>
    </message>
    <message>
        <source>This shop does not sign in with Google.</source>
        <translation>En esta tienda no se inicia sesión con Google.</translation>
    </message>
    <message>
        <source>This is not an e-mail address.</source>
        <translation>Esta no es una dirección de correo electrónico.</translation>
    </message>
    <message>
        <source>The browser could not be opened.</source>
        <translation>No se pudo abrir el navegador.</translation>
    </message>
    <message>
        <source>Please sign in with your password.</source>
        <translation>Inicie sesión con su contraseña.</translation>
    </message>
    <message>
        <source>This computer does not let the browser come back.</source>
        <translation>Esta computadora no permite que el navegador vuelva.</translation>
    </message>
    <message>
        <source>The sign-in in the browser took too long.</source>
        <translation>El inicio de sesión en el navegador tardó demasiado.</translation>
    </message>
    <message>
        <source>You did not sign in with Google.</source>
        <translation>No se inició sesión con Google.</translation>
    </message>
    <message>
        <source>Signing in with Google is not set up as it should be for this shop.</source>
        <translation>El inicio de sesión con Google de esta tienda no está configurado como debe.</translation>
    </message>
    <message>
        <source>Please ask whoever runs your server for a new password.</source>
        <translation>Pida una contraseña nueva a quien administra su servidor.</translation>
    </message>
    <message>
        <source>You did not sign in.</source>
        <translation>No se inició sesión.</translation>
    </message>
    <message>
        <source>You can close this page and go back to Salebell.</source>
        <translation>Puede cerrar esta página y volver a Salebell.</translation>
    </message>
    <message>
        <source>This shop asks for a proof that you are no program, which this version of Salebell cannot give.</source>
        <translation>Esta tienda pide una prueba de que usted no es un programa, que esta versión de Salebell no puede dar.</translation>
    </message>
    <message>
        <source>Rules that this shop has for signing in did not let you in.</source>
        <translation>Las reglas de esta tienda para iniciar sesión no permitieron la entrada.</translation>
    </message>
    <message>
        <source>This account may not see that.</source>
        <translation>Esta cuenta no puede ver eso.</translation>
    </message>
    <message>
        <source>The server has too many requests just now.</source>
        <translation>El servidor tiene demasiados pedidos en este momento.</translation>
    </message>
    <message>
        <source>The server is not ready just now.</source>
        <translation>El servidor no está listo en este momento.</translation>
    </message>
    <message>
        <source>The server failed to answer.</source>
        <translation>El servidor no pudo responder.</translation>
    </message>
    <message>
        <source>The server sends elsewhere.</source>
        <translation>El servidor remite a otro lugar.</translation>
    </message>
    <message>
        <source>Please check its address.</source>
        <translation>Revise su dirección.</translation>
    </message>
    <message>
        <source>The server&apos;s list is not up to date yet.</source>
        <translation>La lista del servidor todavía no está al día.</translation>
    </message>
    <message>
        <source>This sale is not on the server any more.</source>
        <translation>Esta venta ya no está en el servidor.</translation>
    </message>
    <message>
        <source>There is no connection to your server yet.</source>
        <translation>Todavía no hay conexión con su servidor.</translation>
    </message>
    <message>
        <source>The file cannot be written there.</source>
        <translation>El archivo no se puede escribir allí.</translation>
    </message>
    <message>
        <source>Please choose another place.</source>
        <translation>Por favor, elija otro lugar.</translation>
    </message>
    <message>
        <source>This account is not an admin of this shop.</source>
        <translation>Esta cuenta no administra esta tienda.</translation>
    </message>
    <message>
        <source>This account may not open this store.</source>
        <translation>Esta cuenta no puede abrir esta tienda.</translation>
    </message>
    <message>
        <source>Signing in took too long.</source>
        <translation>El inicio de sesión tardó demasiado.</translation>
    </message>
    <message>
        <source>This computer fell behind; catching up.</source>
        <translation>Esta computadora se atrasó; se está poniendo al día.</translation>
    </message>
    <message>
        <source>The sign-in has run out and is being renewed.</source>
        <translation>La sesión venció y se está renovando.</translation>
    </message>
    <message>
        <source>The server has too many connections or attempts; waiting before the next one.</source>
        <translation>El servidor tiene demasiadas conexiones o intentos; se espera antes del próximo.</translation>
    </message>
    <message>
        <source>The server cannot check the sign-in just now.</source>
        <translation>El servidor no puede verificar la sesión en este momento.</translation>
    </message>
</context>
<context>
    <name>RevealButton</name>
    <message>
        <source>Hide the password</source>
        <translation>Ocultar la contraseña</translation>
    </message>
    <message>
        <source>Show the password</source>
        <translation>Mostrar la contraseña</translation>
    </message>
</context>
<context>
    <name>SaleDetails</name>
    <message>
        <source>Selected sale</source>
        <translation>Venta seleccionada</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Close the details</source>
        <translation>Cerrar los detalles</translation>
    </message>
    <message>
        <source>Open in the shop ↗</source>
        <translation>Abrir en la tienda ↗</translation>
    </message>
    <message>
        <source>Sale</source>
        <translation>Venta</translation>
    </message>
    <message numerus="yes">
        <source>and {count} more item(s)</source>
        <translation>
            <numerusform>y {count} artículo más</numerusform>
            <numerusform>y {count} artículos más</numerusform>
        </translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>Canal</translation>
    </message>
    <message>
        <source>Created</source>
        <translation>Creada</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Modificada</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>Número</translation>
    </message>
    <message>
        <source>E-mail</source>
        <translation>Correo</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Todo</translation>
    </message>
</context>
<context>
    <name>SalesModel</name>
    <message>
        <source>{column}, sorted downwards</source>
        <translation>{column}, de mayor a menor</translation>
    </message>
    <message>
        <source>{column}, sorted upwards</source>
        <translation>{column}, de menor a mayor</translation>
    </message>
</context>
<context>
    <name>SalesTable</name>
    <message>
        <source>Sales</source>
        <translation>Ventas</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Columnas</translation>
    </message>
    <message>
        <source>Click to sort, drag to move, right-click to choose columns</source>
        <translation>Clic para ordenar, arrastrar para mover, clic derecho para elegir columnas</translation>
    </message>
</context>
<context>
    <name>SalesWindow</name>
    <message>
        <source>The sale cannot be shown: its store is not among yours any more.</source>
        <translation>No se puede mostrar la venta: su tienda ya no está entre las suyas.</translation>
    </message>
    <message>
        <source>The sale cannot be shown: {problem}</source>
        <translation>No se puede mostrar la venta: {problem}</translation>
    </message>
    <message>
        <source>The filters were cleared to show this sale.</source>
        <translation>Se quitaron los filtros para mostrar esta venta.</translation>
    </message>
</context>
<context>
    <name>ServerBox</name>
    <message>
        <source>&amp;Change server</source>
        <translation>Cambiar ser&amp;vidor</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>Settings of Salebell</source>
        <translation>Preferencias de Salebell</translation>
    </message>
    <message>
        <source>{number} %</source>
        <translation>{number} %</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Tema</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Como el sistema</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Claro</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Oscuro</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Apariencia</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Idioma</translation>
    </message>
    <message>
        <source>Holds when Salebell starts the next time.</source>
        <translation>Vale desde el próximo inicio de Salebell.</translation>
    </message>
    <message>
        <source>Light or dark windows.</source>
        <translation>Ventanas claras u oscuras.</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Notificaciones</translation>
    </message>
    <message>
        <source>Show notifications</source>
        <translation>Mostrar notificaciones</translation>
    </message>
    <message>
        <source>The badge counts every sale in any case.</source>
        <translation>El contador suma todas las ventas en cualquier caso.</translation>
    </message>
    <message>
        <source>Minimum amount</source>
        <translation>Importe mínimo</translation>
    </message>
    <message>
        <source>Currency of the minimum</source>
        <translation>Moneda del mínimo</translation>
    </message>
    <message>
        <source>Sales below this amount stay silent. Empty: every sale rings.</source>
        <translation>Las ventas por debajo de este importe no suenan. Vacío: suenan todas.</translation>
    </message>
    <message>
        <source>The currency of that amount. Sales in others always ring.</source>
        <translation>La moneda de ese importe. Las ventas en otras siempre suenan.</translation>
    </message>
    <message>
        <source>Write an amount such as 1500.00 and a currency such as ARS.</source>
        <translation>Escriba un importe como 1500.00 y una moneda como ARS.</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Probar</translation>
    </message>
    <message>
        <source>Rings once, without touching any figure.</source>
        <translation>Suena una vez, sin tocar ninguna cifra.</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Sonido</translation>
    </message>
    <message>
        <source>Cash register</source>
        <translation>Caja registradora</translation>
    </message>
    <message>
        <source>Soft bell</source>
        <translation>Campana suave</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Ninguno</translation>
    </message>
    <message>
        <source>Approved sale</source>
        <translation>Venta aprobada</translation>
    </message>
    <message>
        <source>Pending sale</source>
        <translation>Venta pendiente</translation>
    </message>
    <message>
        <source>What is heard when a sale is paid.</source>
        <translation>Lo que se oye cuando se paga una venta.</translation>
    </message>
    <message>
        <source>What is heard when a sale still waits for its payment.</source>
        <translation>Lo que se oye cuando una venta aún espera su pago.</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>Volumen</translation>
    </message>
    <message>
        <source>How loud it is, beside the computer&apos;s own volume.</source>
        <translation>Qué tan fuerte suena, además del volumen de la computadora.</translation>
    </message>
    <message>
        <source>Do not disturb</source>
        <translation>No molestar</translation>
    </message>
    <message>
        <source>Every day</source>
        <translation>Todos los días</translation>
    </message>
    <message>
        <source>Nothing is shown or heard in these hours; a digest follows.</source>
        <translation>No se muestra ni se oye nada en estas horas; después llega un resumen.</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Desde</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Hasta</translation>
    </message>
    <message>
        <source>When the quiet begins.</source>
        <translation>Cuándo empieza el silencio.</translation>
    </message>
    <message>
        <source>When it ends, on the next day if that is earlier.</source>
        <translation>Cuándo termina; al día siguiente si es más temprano.</translation>
    </message>
</context>
<context>
    <name>SignInForm</name>
    <message>
        <source>&amp;Forgot password?</source>
        <translation>¿&amp;Olvidó su contraseña?</translation>
    </message>
    <message>
        <source>About signing in</source>
        <translation>Sobre el inicio de sesión</translation>
    </message>
    <message>
        <source>S&amp;ign in</source>
        <translation>I&amp;niciar sesión</translation>
    </message>
    <message>
        <source>Continue with &amp;Google</source>
        <translation>Continuar con &amp;Google</translation>
    </message>
    <message>
        <source>or</source>
        <translation>o</translation>
    </message>
    <message>
        <source>This version cannot sign in to that server. Look for a newer one.</source>
        <translation>Esta versión no puede iniciar sesión en ese servidor. Busque una más nueva.</translation>
    </message>
    <message>
        <source>Signing in…</source>
        <translation>Iniciando sesión…</translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation>Enviando…</translation>
    </message>
    <message>
        <source>Enter your password.</source>
        <translation>Escriba su contraseña.</translation>
    </message>
    <message>
        <source>Enter your e-mail.</source>
        <translation>Escriba su correo electrónico.</translation>
    </message>
    <message>
        <source>&amp;E-mail</source>
        <translation>&amp;Correo electrónico</translation>
    </message>
    <message>
        <source>&amp;Password</source>
        <translation>Con&amp;traseña</translation>
    </message>
</context>
<context>
    <name>SignInWindow</name>
    <message>
        <source>Sign in to Salebell</source>
        <translation>Inicie sesión en Salebell</translation>
    </message>
    <message>
        <source>Add another account</source>
        <translation>Agregar otra cuenta</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>Certificados (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Choose a certificate file</source>
        <translation>Elegir un archivo de certificado</translation>
    </message>
    <message>
        <source>If there is an account with this address, a message with a link was sent to it.</source>
        <translation>Si hay una cuenta con esta dirección, se le envió un mensaje con un enlace.</translation>
    </message>
</context>
<context>
    <name>SignOutQuestion</name>
    <message>
        <source>Sign out</source>
        <translation>Cerrar sesión</translation>
    </message>
    <message>
        <source>Sign out {email}?</source>
        <translation>¿Cerrar sesión de {email}?</translation>
    </message>
    <message>
        <source>Everything of this account on {server} is forgotten on this computer: the sign-in and the list of sales. Nothing is deleted on the server, and signing in again brings it back.</source>
        <translation>Esta computadora olvida todo lo de esta cuenta en {server}: la sesión y la lista de ventas. En el servidor no se borra nada, y al volver a iniciar sesión todo regresa.</translation>
    </message>
    <message>
        <source>&amp;Sign out</source>
        <translation>Cerrar &amp;sesión</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Cancelar</translation>
    </message>
</context>
<context>
    <name>Verdict</name>
    <message>
        <source>About the server</source>
        <translation>Sobre el servidor</translation>
    </message>
    <message>
        <source>Choose a ce&amp;rtificate file…</source>
        <translation>Elegir un archivo de ce&amp;rtificado…</translation>
    </message>
    <message>
        <source>Looking for the server…</source>
        <translation>Buscando el servidor…</translation>
    </message>
    <message>
        <source>✓ Server found</source>
        <translation>✓ Servidor encontrado</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>Pending</source>
        <translation>Pendiente</translation>
    </message>
    <message>
        <source>Approved</source>
        <translation>Aprobada</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Cancelada</translation>
    </message>
    <message>
        <source>Refunded</source>
        <translation>Reembolsada</translation>
    </message>
    <message>
        <source>No new sales</source>
        <translation>Sin ventas nuevas</translation>
    </message>
    <message numerus="yes">
        <source>{count} new sale(s)</source>
        <translation>
            <numerusform>{count} venta nueva</numerusform>
            <numerusform>{count} ventas nuevas</numerusform>
        </translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes} min</translation>
    </message>
    <message>
        <source>Delayed</source>
        <translation>Con retraso</translation>
    </message>
    <message>
        <source>Connected</source>
        <translation>Conectado</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Conectando…</translation>
    </message>
    <message>
        <source>Disconnected</source>
        <translation>Desconectado</translation>
    </message>
    <message>
        <source>Not connected</source>
        <translation>Sin conexión</translation>
    </message>
    <message>
        <source>Signed out</source>
        <translation>Sesión cerrada</translation>
    </message>
    <message>
        <source>connected, counts may lag</source>
        <translation>conectado, los totales pueden atrasarse</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>conectado</translation>
    </message>
    <message>
        <source>reconnecting…</source>
        <translation>reconectando…</translation>
    </message>
    <message>
        <source>connecting…</source>
        <translation>conectando…</translation>
    </message>
    <message>
        <source>disconnected since {time}</source>
        <translation>desconectado desde las {time}</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>sin conexión</translation>
    </message>
    <message>
        <source>signed out</source>
        <translation>sesión cerrada</translation>
    </message>
    <message>
        <source>next try in {wait}</source>
        <translation>próximo intento en {wait}</translation>
    </message>
    <message>
        <source>Showing sales as of {time}.</source>
        <translation>Se muestran las ventas de las {time}.</translation>
    </message>
    <message>
        <source>Showing the last known sales.</source>
        <translation>Se muestran las últimas ventas conocidas.</translation>
    </message>
    <message>
        <source>Reconnecting…</source>
        <translation>Reconectando…</translation>
    </message>
    <message>
        <source>Reconnecting in {wait}</source>
        <translation>Reconexión en {wait}</translation>
    </message>
    <message>
        <source>attempt {number} of {all}</source>
        <translation>intento {number} de {all}</translation>
    </message>
    <message>
        <source>{money} · sale {number}</source>
        <translation>{money} · venta {number}</translation>
    </message>
</context>
</TS>
