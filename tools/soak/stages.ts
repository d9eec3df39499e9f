import {
  httpError,
  lastUserText,
  message,
  reasoning,
  ScriptedModel,
  shell,
  turn,
} from "../../src/testing/mod.ts";
import type { ModelRequest, ModelResponse } from "../../src/testing/mod.ts";
import { codexBinary, freshHome, scratchRepository } from "../../tests/support/real_codex.ts";
import { soakFake } from "./fake.ts";
import type { SoakPlace } from "./program.ts";

/** A codex to soak on, and how to be rid of it. */
export type SoakStage = {
  place: SoakPlace;
  remove(): Promise<void>;
};

/** A fake codex; `variables` make up its environment. */
export async function fakeStage(variables: Record<string, string>): Promise<SoakStage> {
  const folder = await Deno.makeTempDir({ prefix: "soak-fake-" });
  const recording = await Deno.readTextFile("tests/fixtures/exec/full.jsonl");
  const codexPath = await soakFake(folder, recording);
  const env = { PATH: Deno.env.get("PATH") ?? "", ...variables };
  return {
    place: { codex: { codexPath, env }, thread: {}, timeoutMs: 100 },
    remove: () => Deno.remove(folder, { recursive: true }),
  };
}

/** The real codex with a scripted model, which lives in this program and not in the one soaked. */
export async function realStage(variables: Record<string, string>): Promise<SoakStage> {
  const model = await ScriptedModel.start(answer);
  const { remove: removeHome, ...home } = await freshHome();
  const repository = await scratchRepository();
  return {
    place: {
      codex: { ...model.codexOptions({ ...home, env: variables }), codexPath: codexBinary() },
      thread: { workingDirectory: repository.path, sandboxMode: "danger-full-access" },
      timeoutMs: 2000,
    },
    async remove() {
      await model.stop();
      await removeHome();
      await repository.remove();
    },
  };
}

function answer(request: ModelRequest): ModelResponse {
  const text = lastUserText(request);
  if (text.includes("endless")) return shell("sleep 1000");
  if (text.includes("failing")) return httpError(400, { body: { error: { message: "No" } } });
  return turn(reasoning("**Thinking**"), message("Done"));
}
