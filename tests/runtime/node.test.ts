import { nodeRuntime } from "../../src/runtime/node.ts";
import { contract } from "./contract.ts";

// Works on Deno and Bun too.
contract(nodeRuntime);
