/** `npm run dev`: as `npm run demo`, with pages that reload while their code changes. PORT, HOST, VITRINE_DATA, MONGODB_URI. */
import { describeConsole } from "./support/database.mjs";
import { runProduct } from "./support/product.mjs";
import { main, say } from "./support/say.mjs";

await main(async () => {
  const { address, operator } = await runProduct({ command: "npm run dev", dev: true });
  say(`\nVitrine in development: ${address}   Ctrl-C ends it.\nConsole: ${describeConsole(address, operator)}`);
});
