// Serves the Auth emulator of firebase-tools alone: no other emulator, no user interface, no Java, no network.
//
//     node serve.js FIREBASE_TOOLS PROJECT PORT
//
// Says {"port": N} on one line when it listens on loopback, and ends on SIGTERM. It forgets everything then.
"use strict";
const path = require("path");

const [tools, project, port] = process.argv.slice(2);

// The specification compiles a validator for each parameter of each route, which is most of the time that a start
// takes. What nobody here calls is left out, as are the parameters that Google gives to every route.
const CALLED = [
  /^\/v1\/accounts:(createAuthUri|delete|lookup|resetPassword|sendOobCode|signInWith\w+|signUp|update)$/,
  /^\/v1\/projects\/\{targetProjectId\}(\/accounts(:\w+)?)?$/,
  /^\/v1\/token$/,
  /^\/emulator\/v1\/projects\/\{targetProjectId\}\/(accounts|config|oobCodes)$/,
  /^\/v2\/projects\/\{targetProjectId\}\/config$/,
];
const specification = require(path.join(tools, "lib/emulator/auth/apiSpec.js")).default;
for (const [route, described] of Object.entries(specification.paths)) {
  if (!CALLED.some((called) => called.test(route))) delete specification.paths[route];
  else if (described.parameters) described.parameters = described.parameters.filter((each) => !each.$ref);
}

require(path.join(tools, "lib/emulator/auth/server.js")).createApp(project).then((app) => {
  const server = app.listen(Number(port), "127.0.0.1", () => {
    console.log(JSON.stringify({ port: server.address().port }));
  });
  process.on("SIGTERM", () => {
    server.closeAllConnections();
    server.close(() => process.exit(0));
  });
});
