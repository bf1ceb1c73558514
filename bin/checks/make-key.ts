/** Signs a new customer up, as all of them come, and prints a key: for checks that call as one. Wants VITRINE_OUTBOX=1. */
import { closeDatabase } from "@/server/core/db";
import { HeaderFields } from "@/server/core/exchange";
import { createId } from "@/server/core/ids";
import { listOutbox } from "@/server/core/mail";
import { confirmSignUp, requestSignUp } from "@/server/modules/accounts/sign-up";
import { signIn } from "@/server/modules/accounts/sign-in";
import { createKey } from "@/server/modules/keys/service";

const [email, password] = ["check@example.com", "a quiet morning by the sea"];
const caller = { kind: "visitor", id: "check" } as const;
await requestSignUp({ caller, requestId: createId("request"), origin: "http://127.0.0.1", headers: new HeaderFields() }, { email, name: "Check", password });
const [mail] = await listOutbox(1);
await confirmSignUp(/token=([\w-]{43})\b/.exec(mail?.text ?? "")?.[1] ?? "", password);
const { customerId } = await signIn({ email, password, address: "127.0.0.1" });
const { secret } = await createKey(customerId, { name: "Check", models: null, expires_in_days: null });
process.stdout.write(`${secret}\n`);
await closeDatabase();
