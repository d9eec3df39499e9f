import { runtimeName } from "../../src/runtime/mod.ts";
import { contract } from "./contract.ts";

if (runtimeName() === "bun") contract((await import("../../src/runtime/bun.ts")).bunRuntime);
