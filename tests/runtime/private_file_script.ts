// Leaves a private file to the end of the host; see permissions.test.ts.
import { loadRuntime } from "../../src/runtime/mod.ts";

const runtime = await loadRuntime();
console.log((await runtime.writePrivateFile("codex-sdk-", "schema.json", "{}")).path);
