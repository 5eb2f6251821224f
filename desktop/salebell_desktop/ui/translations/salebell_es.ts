<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es" sourcelanguage="en_US">
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
        <source>Quit</source>
        <translation>Salir</translation>
    </message>
    <message>
        <source>Sign out {email}</source>
        <translation>Cerrar sesión de {email}</translation>
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
    <name>Header</name>
    <message>
        <source>Store</source>
        <translation>Tienda</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menú</translation>
    </message>
    <message>
        <source>Sales</source>
        <translation>Ventas</translation>
    </message>
    <message>
        <source>elsewhere: {new_sales}</source>
        <translation>en otras tiendas: {new_sales}</translation>
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
        <source>Understood</source>
        <translation>Entendido</translation>
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
        <source>This computer has no keyring: you will be asked to sign in again next time.</source>
        <translation>Esta computadora no tiene un llavero de claves: la próxima vez deberá iniciar sesión de nuevo.</translation>
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
</context>
<context>
    <name>Notifications</name>
    <message>
        <source>Payment confirmed</source>
        <translation>Pago confirmado</translation>
    </message>
    <message>
        <source>While you were away</source>
        <translation>Mientras no estaba</translation>
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
    <name>SaleDetails</name>
    <message>
        <source>Selected sale</source>
        <translation>Venta seleccionada</translation>
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
</context>
<context>
    <name>SalesModel</name>
    <message>
        <source>Number</source>
        <translation>Número</translation>
    </message>
    <message>
        <source>Customer</source>
        <translation>Cliente</translation>
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
    <name>SalesTable</name>
    <message>
        <source>Sales, the newest first</source>
        <translation>Ventas, las más nuevas primero</translation>
    </message>
</context>
<context>
    <name>SignInWindow</name>
    <message>
        <source>Sign in to Salebell</source>
        <translation>Inicie sesión en Salebell</translation>
    </message>
    <message>
        <source>shop.example.com</source>
        <translation>tienda.example.com</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Iniciar sesión</translation>
    </message>
    <message>
        <source>&amp;Server</source>
        <translation>&amp;Servidor</translation>
    </message>
    <message>
        <source>&amp;E-mail</source>
        <translation>&amp;Correo electrónico</translation>
    </message>
    <message>
        <source>&amp;Password</source>
        <translation>C&amp;ontraseña</translation>
    </message>
    <message>
        <source>Looking for the server…</source>
        <translation>Buscando el servidor…</translation>
    </message>
    <message>
        <source>✓ Server found</source>
        <translation>✓ Servidor encontrado</translation>
    </message>
    <message>
        <source>Signing in…</source>
        <translation>Iniciando sesión…</translation>
    </message>
    <message>
        <source>Enter the address of your server.</source>
        <translation>Escriba la dirección de su servidor.</translation>
    </message>
    <message>
        <source>Enter your e-mail.</source>
        <translation>Escriba su correo electrónico.</translation>
    </message>
    <message>
        <source>Enter your password.</source>
        <translation>Escriba su contraseña.</translation>
    </message>
    <message>
        <source>This is not the address of a server. It looks like shop.example.com.</source>
        <translation>Esta no es la dirección de un servidor. Debe ser como tienda.example.com.</translation>
    </message>
    <message>
        <source>This address is not encrypted. Use the server&apos;s https or wss address.</source>
        <translation>Esta dirección no está cifrada. Use la dirección https o wss del servidor.</translation>
    </message>
    <message>
        <source>No server answers at this address. Check it, and your connection.</source>
        <translation>Ningún servidor responde en esta dirección. Revísela, y también su conexión.</translation>
    </message>
    <message>
        <source>Something answers at this address, but it is no Salebell server.</source>
        <translation>Algo responde en esta dirección, pero no es un servidor de Salebell.</translation>
    </message>
    <message>
        <source>The server&apos;s certificate cannot be trusted. Ask who runs the server.</source>
        <translation>El certificado del servidor no es de confianza. Consulte a quien administra el servidor.</translation>
    </message>
    <message>
        <source>This server asks to sign in elsewhere than before. Ask who runs it before you go on.</source>
        <translation>Este servidor pide iniciar sesión en otro lugar que antes. Consulte a quien lo administra antes de continuar.</translation>
    </message>
    <message>
        <source>This version cannot sign in to that server. Look for a newer one.</source>
        <translation>Esta versión no puede iniciar sesión en ese servidor. Busque una más nueva.</translation>
    </message>
    <message>
        <source>The e-mail or the password is not right.</source>
        <translation>El correo electrónico o la contraseña no son correctos.</translation>
    </message>
    <message>
        <source>Too many attempts. Wait a few minutes and try again.</source>
        <translation>Demasiados intentos. Espere unos minutos e intente de nuevo.</translation>
    </message>
    <message>
        <source>This account may not be used. Ask who runs the server.</source>
        <translation>Esta cuenta no se puede usar. Consulte a quien administra el servidor.</translation>
    </message>
    <message>
        <source>The server cannot sign anybody in at the moment. Try again later.</source>
        <translation>El servidor no puede iniciar sesiones en este momento. Intente más tarde.</translation>
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
        <source>{money} · sale {number}</source>
        <translation>{money} · venta {number}</translation>
    </message>
</context>
</TS>
