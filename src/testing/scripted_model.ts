import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { toText } from "../std.ts";
import { codexOptionsFor } from "./codex_options.ts";
import type { ScriptedCodexOptions, ScriptedCodexSettings } from "./codex_options.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { ScriptMismatchError } from "./errors.ts";
import { Gate } from "./gate.ts";
import type { ModelRequest, ModelRequestBody, RequestEnd } from "./model_request.ts";
import type { HoldPart, ModelTurn, Script } from "./script.ts";
import { ScriptPlayer, turnOf } from "./script_player.ts";
import { encodeEvent, responseEvents } from "./sse.ts";

/** Options for a {@linkcode ScriptedModel}. */
export type ScriptedModelOptions = {
  /** The port on 127.0.0.1. Default: a free one. */
  port?: number;
};

/**
 * A model that says what a script makes it say: a server on loopback that speaks the Responses API,
 * so that tests can drive the real codex. Codex really runs the commands and edits the files that
 * the script asks for.
 *
 * A request the script has no step for is answered with HTTP status 400, which makes codex give up
 * at once, and reported by {@linkcode ScriptedModel.close}.
 *
 * Needs permission to listen on 127.0.0.1 and, for
 * {@linkcode ScriptedModel.codexOptions} with a `codexHome`, to read a few environment variables.
 *
 * @example Codex runs a command and reports
 * ```ts
 * import { Codex } from "@codex/sdk";
 * import { message, ScriptedModel, shell } from "@codex/sdk/testing";
 *
 * async function counts(codexHome: string): Promise<string> {
 *   await using model = await ScriptedModel.start([shell("ls"), message("Two files")]);
 *   const codex = new Codex(model.codexOptions({ codexHome }));
 *   const turn = await codex.startThread({ skipGitRepoCheck: true }).run("What is here?");
 *   return turn.finalResponse; // "Two files"
 * }
 * ```
 *
 * @example Many threads at once
 * ```ts
 * import { lastUserText, message, ScriptedModel, shell } from "@codex/sdk/testing";
 *
 * const model = await ScriptedModel.start([
 *   {
 *     perThread: true,
 *     steps: (request) => [shell("ls"), message(`Done: ${lastUserText(request)}`)],
 *   },
 * ]);
 * model.baseUrl;
 * await model.stop();
 * ```
 */
export class ScriptedModel implements AsyncDisposable {
  /** Where the model is served, e.g. `"http://127.0.0.1:41234/v1"`. */
  readonly baseUrl: string;
  #server: Server;
  #player: ScriptPlayer;
  #requests: ModelRequest[] = [];
  #awaited: Deferred<ModelRequest>[] = [];
  #problems: string[] = [];
  #cause: unknown;
  #exchanges = new Set<Exchange>();
  #ids = new Map<string, number>();
  #stopped: Promise<void> | undefined;
  #reported = false;

  private constructor(server: Server, player: ScriptPlayer) {
    const address = server.address();
    if (address === null || typeof address === "string") {
      throw new TypeError("Cannot start scripted model: its server has no port");
    }
    this.baseUrl = `http://127.0.0.1:${address.port}/v1`;
    this.#server = server;
    this.#player = player;
    server.on("request", (request, response) => void this.#serve(request, response));
  }

  /**
   * Starts a scripted model.
   *
   * @param script What the model says.
   * @param options The port.
   * @returns The model, listening.
   * @throws {TypeError} If the script cannot be played, e.g. if steps follow an endless one.
   *
   * @example
   * ```ts
   * import { message, ScriptedModel } from "@codex/sdk/testing";
   *
   * const model = await ScriptedModel.start([message("Hello")]);
   * model.baseUrl; // e.g. "http://127.0.0.1:41234/v1"
   * await model.stop();
   * ```
   */
  static async start(script: Script, options: ScriptedModelOptions = {}): Promise<ScriptedModel> {
    const player = new ScriptPlayer(script);
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port ?? 0, "127.0.0.1", () => {
        server.off("error", reject);
        resolve();
      });
    });
    return new ScriptedModel(server, player);
  }

  /** The requests for a response so far, in order of arrival. */
  get requests(): readonly ModelRequest[] {
    return this.#requests;
  }

  /**
   * Waits for a request.
   *
   * @param index The number of the request, counted from 0.
   * @returns The request, as soon as it has arrived; before it is answered. Never resolves if
   * there is no such request.
   *
   * @example
   * ```ts
   * import { hold, message, ScriptedModel, turn } from "@codex/sdk/testing";
   *
   * const controller = new AbortController();
   * const model = await ScriptedModel.start([turn(hold(new Promise(() => {})), message("Never"))]);
   * const answer = fetch(`${model.baseUrl}/responses`, {
   *   method: "POST",
   *   body: "{}",
   *   signal: controller.signal,
   * }).catch(() => {});
   * const request = await model.request(0);
   * controller.abort();
   * await answer;
   * await request.ended; // "abandoned"
   * await model.close();
   * ```
   */
  request(index: number): Promise<ModelRequest> {
    const request = this.#requests[index];
    if (request) return Promise.resolve(request);
    return (this.#awaited[index] ??= deferred<ModelRequest>()).promise;
  }

  /**
   * What to construct a `Codex` with so that it talks to this model. The API key, if any, reaches
   * codex in its environment, never in its arguments.
   *
   * @param options Codex's home, the API key, the provider, further settings.
   * @returns Options for `Codex`, to be spread among others.
   *
   * @example
   * ```ts
   * import { message, ScriptedModel } from "@codex/sdk/testing";
   *
   * const model = await ScriptedModel.start([message("Hello")]);
   * const options = model.codexOptions({ codexHome: "/path/to/a/folder", apiKey: "sk-test" });
   * options.config.model; // "gpt-5.5"
   * await model.stop();
   * ```
   */
  codexOptions(options: ScriptedCodexOptions = {}): ScriptedCodexSettings {
    return codexOptionsFor(this.baseUrl, options);
  }

  /**
   * Checks that the script was played to its end and nothing else was asked for.
   *
   * @throws {ScriptMismatchError} If a request came that the script has no step for, a check of the
   * script failed, or a step was never played.
   *
   * @example
   * ```ts
   * import { message, repeat, ScriptedModel } from "@codex/sdk/testing";
   *
   * const model = await ScriptedModel.start([repeat(message("Hello"))]);
   * model.assertFinished();
   * await model.close();
   * ```
   */
  assertFinished(): void {
    const unplayed = this.#player.unplayed().map((name) => `Never played: ${name}`);
    const problems = [...this.#problems, ...unplayed];
    if (problems.length === 0) return;
    throw new ScriptMismatchError(
      problems,
      this.#cause === undefined ? undefined : { cause: this.#cause },
    );
  }

  /**
   * Ends all connections and stops listening, without looking at the script. Never rejects.
   *
   * @returns Resolves when nothing is left.
   *
   * @example
   * ```ts
   * import { message, ScriptedModel } from "@codex/sdk/testing";
   *
   * const model = await ScriptedModel.start([message("Nobody asks for this")]);
   * await model.stop();
   * ```
   */
  stop(): Promise<void> {
    return this.#stopped ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const exchange of this.#exchanges) exchange.cut();
      this.#server.closeAllConnections();
    });
  }

  /**
   * Does what {@linkcode ScriptedModel.stop} does, then checks as
   * {@linkcode ScriptedModel.assertFinished} does. Only the first call checks.
   *
   * @returns Resolves when nothing is left.
   * @throws {ScriptMismatchError} If requests and script do not match.
   *
   * @example
   * ```ts
   * import { message, ScriptedModel } from "@codex/sdk/testing";
   *
   * const model = await ScriptedModel.start([message("Hello")]);
   * const answer = await fetch(`${model.baseUrl}/responses`, { method: "POST", body: "{}" });
   * await answer.text();
   * await model.close();
   * ```
   */
  async close(): Promise<void> {
    await this.stop();
    if (this.#reported) return;
    this.#reported = true;
    this.assertFinished();
  }

  /** Same as {@linkcode ScriptedModel.close}; what `await using` calls. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(response);
    this.#exchanges.add(exchange);
    exchange.ended.then(() => this.#exchanges.delete(exchange));
    try {
      const path = new URL(incoming.url ?? "/", this.baseUrl).pathname;
      const text = await readText(incoming).catch(() => undefined);
      if (text === undefined) return exchange.cut();
      if (incoming.method === "GET" && path.endsWith("/responses")) {
        // Codex tries a WebSocket first when its own provider is used; 426 makes it use HTTP at once.
        exchange.send(426, {}, "This model speaks HTTP only");
      } else if (incoming.method === "GET" && path.endsWith("/models")) {
        exchange.send(200, {}, { object: "list", data: [], models: [] });
      } else if (incoming.method === "POST" && path.endsWith("/responses")) {
        await this.#answer(this.#record(path, incoming, text, exchange), exchange);
      } else {
        this.#refuse(exchange, `Unexpected request: ${incoming.method} ${path}`);
      }
    } catch (error) {
      if (!exchange.over) this.#refuse(exchange, `Cannot answer a request: ${error}`, error);
    }
  }

  #record(
    path: string,
    incoming: IncomingMessage,
    text: string,
    { ended }: Exchange,
  ): ModelRequest {
    const body = JSON.parse(text) as ModelRequestBody;
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value ?? "")]),
    );
    const index = this.#requests.length;
    const threadId = headers["thread-id"] ?? String(body.prompt_cache_key ?? "");
    const request: ModelRequest = { index, path, headers, body, threadId, ended };
    this.#requests.push(request);
    this.#awaited[index]?.resolve(request);
    return request;
  }

  async #answer(request: ModelRequest, exchange: Exchange): Promise<void> {
    const label = `request ${request.index + 1}`;
    const next = this.#player.next(request);
    if (!next) {
      const problem = `Unexpected ${label}: the script has no step left for it`;
      return this.#refuse(exchange, problem);
    }
    let turn: ModelTurn;
    try {
      turn = turnOf(typeof next.step === "function" ? await next.step(request) : next.step);
      for (const part of turn.parts) {
        if (part.type === "expect") await part.check(request);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return this.#refuse(exchange, `Failed at ${next.name}, ${label}: ${reason}`, error);
    }
    try {
      await this.#play(turn, exchange);
    } catch (error) {
      this.#report(`Failed at ${next.name}, ${label}: ${error}`, error);
      exchange.cut();
    }
  }

  async #play(turn: ModelTurn, exchange: Exchange): Promise<void> {
    const error = turn.parts.at(-1);
    if (error?.type === "http_error") {
      for (const part of turn.parts) if (part.type === "hold") await exchange.wait(part);
      return exchange.send(error.status, error.headers, error.body);
    }
    let text = "";
    let first = true;
    for (const event of responseEvents(turn, (prefix) => this.#newId(prefix))) {
      if (exchange.over) return;
      switch (event.type) {
        case "hold":
          // Before anything was said nothing is sent, not even the status.
          if (!first) exchange.stream(text), text = "";
          await exchange.wait(event);
          break;
        case "disconnect":
          if (!first) await exchange.flush(text);
          return exchange.cut();
        default:
          text += encodeEvent(event);
          if (event.type !== "response.created") first = false;
      }
    }
    exchange.end(text);
  }

  #newId(prefix: string): string {
    const number = (this.#ids.get(prefix) ?? 0) + 1;
    this.#ids.set(prefix, number);
    return `${prefix}_${number}`;
  }

  /** Answers in a way that makes codex give up at once. */
  #refuse(exchange: Exchange, problem: string, cause?: unknown): void {
    this.#report(problem, cause);
    exchange.send(400, {}, { error: { type: "invalid_request_error", message: problem } });
  }

  #report(problem: string, cause?: unknown): void {
    this.#problems.push(problem);
    this.#cause ??= cause;
  }
}

/** One request being answered. */
class Exchange {
  readonly ended: Promise<RequestEnd>;
  over = false;
  #response: ServerResponse;
  #end: (end: RequestEnd) => void;

  constructor(response: ServerResponse) {
    const { promise, resolve } = deferred<RequestEnd>();
    this.ended = promise;
    this.#response = response;
    this.#end = (end) => {
      this.over = true;
      resolve(end);
    };
    response.on("error", () => this.#end("abandoned"));
    response.on("close", () => this.#end(response.writableFinished ? "answered" : "abandoned"));
  }

  /** Sends a whole answer. */
  send(status: number, headers: Record<string, string>, body: unknown): void {
    if (this.over) return;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const type = typeof body === "string" ? "text/plain" : "application/json";
    this.#response.writeHead(status, { "content-type": type, ...headers });
    this.#response.end(text, () => this.#end("answered"));
  }

  /** Sends a piece of a streamed answer. */
  stream(text: string): void {
    this.#start();
    if (text !== "" && !this.over) this.#response.write(text);
  }

  /** Sends a piece, and waits until it is on its way. */
  async flush(text: string): Promise<void> {
    this.#start();
    if (this.over) return;
    const written = new Promise<void>((resolve) => this.#response.write(text, () => resolve()));
    await Promise.race([written, this.ended]);
  }

  /** Sends the last piece of a streamed answer. */
  end(text: string): void {
    this.#start();
    if (!this.over) this.#response.end(text, () => this.#end("answered"));
  }

  /** Breaks the connection. */
  cut(): void {
    if (this.over) return;
    this.#end("cut");
    this.#response.destroy();
  }

  /** Waits as the script says, or until the exchange is over. */
  async wait({ until }: HoldPart): Promise<void> {
    await Promise.race([until instanceof Gate ? until.pass() : until, this.ended]);
  }

  #start(): void {
    if (this.over || this.#response.headersSent) return;
    this.#response.writeHead(200, { "content-type": "text/event-stream" });
  }
}

function readText(incoming: IncomingMessage): Promise<string> {
  return toText(Readable.toWeb(incoming) as ReadableStream<Uint8Array>);
}
