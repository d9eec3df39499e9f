import { runtimeName } from "../../src/runtime/mod.ts";
import { contract } from "./contract.ts";

if (runtimeName() === "deno") contract((await import("../../src/runtime/deno.ts")).denoRuntime);
