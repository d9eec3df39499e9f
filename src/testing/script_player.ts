import { checkTurn } from "./builders.ts";
import type { ModelRequest } from "./model_request.ts";
import type {
  ModelResponse,
  ModelTurn,
  ResponseFunction,
  Scenario,
  Script,
  ScriptStep,
} from "./script.ts";

/** What is to answer a request. */
export type NextStep = { step: ModelResponse | ResponseFunction; name: string };

/** Chooses the step of a script that answers a request, and knows which were never played. */
export class ScriptPlayer {
  #scenarios: ScenarioPlayer[];

  constructor(script: Script) {
    this.#scenarios = scenariosOf(script).map((scenario, index, { length }) => {
      const name = scenario.name ?? (length > 1 ? `scenario ${index + 1}` : "");
      return new ScenarioPlayer(scenario, name);
    });
  }

  /** The step that answers a request; none when the script has nothing left for it. */
  next(request: ModelRequest): NextStep | undefined {
    for (const scenario of this.#scenarios) {
      const next = scenario.next(request);
      if (next) return next;
    }
  }

  /** The names of the steps that were never played. */
  unplayed(): string[] {
    return this.#scenarios.flatMap((scenario) => scenario.unplayed());
  }
}

function scenariosOf(script: Script): readonly Scenario[] {
  if (typeof script === "function") {
    return [{ steps: [{ type: "repeat", step: script, times: Infinity }] }];
  }
  if (script.length > 0 && script.every((entry) => "steps" in entry)) return script as Scenario[];
  if (script.some((entry) => "steps" in entry)) {
    throw new TypeError("Cannot start script: it mixes steps and scenarios");
  }
  return [{ steps: script as readonly ScriptStep[] }];
}

/** One scenario; its steps are played once, or once a thread. */
class ScenarioPlayer {
  #scenario: Scenario;
  #name: string;
  #lists = new Map<string, StepList>();

  constructor(scenario: Scenario, name: string) {
    this.#scenario = scenario;
    this.#name = name;
    if (typeof scenario.steps !== "function") {
      const list = new StepList(scenario.steps, name);
      if (!scenario.perThread) this.#lists.set("", list);
    }
  }

  next(request: ModelRequest): NextStep | undefined {
    const { when, perThread, steps } = this.#scenario;
    if (when && !when(request)) return;
    const key = perThread ? request.threadId : "";
    let list = this.#lists.get(key);
    if (!list) {
      const name = perThread ? joinNames(this.#name, `thread ${key}`) : this.#name;
      list = new StepList(typeof steps === "function" ? steps(request) : steps, name);
      this.#lists.set(key, list);
    }
    return list.next();
  }

  unplayed(): string[] {
    if (this.#lists.size === 0) return [joinNames(this.#name, "all steps")];
    return [...this.#lists.values()].flatMap((list) => list.unplayed());
  }
}

/** Steps that are played one after the other. */
class StepList {
  #steps: readonly ScriptStep[];
  #name: string;
  #position = 0;
  #repeated = 0;

  constructor(steps: readonly ScriptStep[], name: string) {
    steps.forEach((step, index) => {
      if (typeof step === "function") return;
      if (step.type !== "repeat") return checkTurn(turnOf(step).parts);
      if (typeof step.step !== "function") checkTurn(turnOf(step.step).parts);
      if (step.times === Infinity && index < steps.length - 1) {
        throw new TypeError(
          `Cannot start script: ${joinNames(name, nameOf(step, index))} repeats for ever, ` +
            "nothing can follow it",
        );
      }
    });
    this.#steps = steps;
    this.#name = name;
  }

  next(): NextStep | undefined {
    const step = this.#steps[this.#position];
    if (step === undefined) return;
    const name = joinNames(this.#name, nameOf(step, this.#position));
    if (typeof step !== "function" && step.type === "repeat") {
      this.#repeated += 1;
      if (this.#repeated >= step.times) this.#advance();
      return { step: step.step, name };
    }
    this.#advance();
    return { step, name };
  }

  #advance(): void {
    this.#position += 1;
    this.#repeated = 0;
  }

  unplayed(): string[] {
    return this.#steps.flatMap((step, index) => {
      if (index < this.#position) return [];
      if (typeof step !== "function" && step.type === "repeat" && step.times === Infinity) {
        return [];
      }
      return [joinNames(this.#name, nameOf(step, index))];
    });
  }
}

/** A response as a turn: a part by itself is all there is to it. */
export function turnOf(response: ModelResponse): ModelTurn {
  return response.type === "turn" ? response : { type: "turn", parts: [response] };
}

function joinNames(...names: string[]): string {
  return names.filter((name) => name !== "").join(", ");
}

function nameOf(step: ScriptStep, index: number): string {
  const number = `step ${index + 1}`;
  if (typeof step === "function") return `${number} (function)`;
  if (step.type === "repeat") {
    return step.times === Infinity ? `${number} (repeat)` : `${number} (repeat ${step.times})`;
  }
  return `${number} (${turnOf(step).parts.map(({ type }) => type).join(", ")})`;
}
