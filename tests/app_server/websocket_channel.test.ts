import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { Message } from "../../src/app_server/message.ts";
import type { ServerChannel } from "../../src/app_server/server_channel.ts";
import {
  connectServer,
  type ConnectServerInput,
  type WebSocketPlatform,
} from "../../src/app_server/websocket_channel.ts";
import { systemClock } from "../../src/clock.ts";
import type { Diagnostic } from "../../src/diagnostics.ts";
import { ConnectionError, InvalidOptionsError, UnsupportedError } from "../../src/errors.ts";
import { redactor } from "../../src/redact.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";
import { WatchedAbort } from "../support/watched_signal.ts";
import {
  type ServerOptions,
  type ServerSocket,
  WebSocketServer,
} from "../support/websocket_server.ts";

const token = "hush-hush-1234";

/** Everything that is left to read. */
async function rest(channel: ServerChannel): Promise<unknown[]> {
  const messages: unknown[] = [];
  const reader = channel.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return messages;
    messages.push(value);
  }
}

/** Runs a test with a server. */
async function withServer(
  options: ServerOptions,
  body: (server: WebSocketServer) => Promise<void>,
): Promise<void> {
  const server = await WebSocketServer.listen(options);
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

/** Runs a test with a connection. */
function withConnection(
  body: (
    both: { channel: ServerChannel; peer: ServerSocket; diagnostics: Diagnostic[] },
  ) => Promise<void>,
  input: Partial<ConnectServerInput> = {},
): Promise<void> {
  return withServer({}, async (server) => {
    const diagnostics: Diagnostic[] = [];
    const connecting = connectServer({
      url: server.url,
      token,
      clock: systemClock,
      onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
      ...input,
    });
    const [channel, peer] = await Promise.all([connecting, server.client()]);
    await body({ channel, peer, diagnostics });
    await channel.close();
  });
}

/** How an attempt to connect fails. */
async function failure(
  input: Partial<ConnectServerInput> & { url: string | URL },
  platform?: WebSocketPlatform,
): Promise<Error> {
  const channel = connectServer({ clock: systemClock, ...input }, platform);
  return await channel.then(() => new Error("It did not fail"), (error) => error);
}

describe("connectServer()", () => {
  it("sends the token as a header, and no Origin, which the server would refuse", () =>
    withConnection(({ peer }) => {
      assert.equal(peer.header("Authorization"), `Bearer ${token}`);
      assert.equal(peer.header("Origin"), undefined);
      return Promise.resolve();
    }));

  it("sends no such header without a token", () =>
    withConnection(({ peer }) => {
      assert.equal(peer.header("Authorization"), undefined);
      assert.equal(peer.header("Origin"), undefined);
      return Promise.resolve();
    }, { token: undefined }));

  it("says that the token is wrong, and does not show it", () =>
    withServer({ greeting: "refuse" }, async (server) => {
      const error = await failure({ url: server.url, token });
      assert.ok(ConnectionError.is(error));
      assert.equal(error.reason, "refused");
      assert.match(error.message, /an app-server runs there and refused it.*"token", which may be/);
      assert.equal(inspect(error, { depth: 10 }).includes(token), false);
      assert.match(server.plainRequests[0]!, /^GET \/readyz /);
      assert.equal(server.plainRequests[0]!.includes(token), false);
      assert.equal(/^origin:/im.test(server.plainRequests[0]!), false);
    }));

  it("says that the token is missing", () =>
    withServer({ greeting: "refuse" }, async (server) => {
      const error = await failure({ url: server.url });
      assert.match(error.message, /check the option "token", which is not set/);
    }));

  it("says that something else runs there", () =>
    withServer({ greeting: "refuse", readyStatus: 404 }, async (server) => {
      const error = await failure({ url: server.url, token });
      assert.ok(ConnectionError.is(error));
      assert.equal(error.reason, "refused");
      assert.match(error.message, /not an app-server: "\/readyz" answers with HTTP status 404/);
    }));

  it("says that nobody is there", async () => {
    const server = await WebSocketServer.listen();
    await server.close();
    const error = await failure({ url: `${server.url}/path?secret=1`, token });
    assert.ok(ConnectionError.is(error));
    assert.equal(error.reason, "unreachable");
    assert.match(
      error.message,
      /^Cannot connect to "ws:\/\/127\.0\.0\.1:\d+\/path": no app-server answers there \(.+\)\. Start/,
    );
    assert.equal(inspect(error, { depth: 10 }).includes(token), false);
  });

  it("does not wait for ever for an answer", () =>
    withServer({ greeting: "ignore" }, async (server) => {
      const error = await failure({ url: server.url, connectTimeoutMs: 1 });
      assert.ok(ConnectionError.is(error));
      assert.equal(error.reason, "timeout");
      assert.match(error.message, /no answer within 1 ms/);
    }));

  it("gives up when told to", () =>
    withServer({ greeting: "ignore" }, async (server) => {
      const abort = new AbortController();
      const failed = failure({ url: server.url, signal: abort.signal });
      abort.abort(new Error("enough"));
      assert.equal((await failed).message, "enough");
      assert.equal((await failure({ url: server.url, signal: abort.signal })).message, "enough");
    }));

  it("gives up when told to while it asks what is wrong, and leaves nothing", () =>
    withServer({ greeting: "refuse" }, async (server) => {
      const abort = new WatchedAbort();
      const clock = new VirtualClock();
      const reason = new Error("enough");
      let isGivenUp = false;
      const failed = failure({ url: server.url, clock, signal: abort.signal }, {
        WebSocket,
        // Never answers by itself.
        fetch: (_url, init) =>
          new Promise((_resolve, reject) => {
            init!.signal!.addEventListener("abort", () => {
              isGivenUp = true;
              reject(init!.signal!.reason);
            });
            abort.abort(reason);
          }),
      });
      assert.equal(await failed, reason);
      assert.deepEqual([isGivenUp, abort.listeners, clock.pending], [true, 0, 0]);
    }));

  it("asks nothing when it is told to give up as the connection fails", async () => {
    const abort = new AbortController();
    let asked = 0;
    class Failing {
      onerror: (event: unknown) => void = () => {};
      constructor() {
        queueMicrotask(() => {
          this.onerror({});
          abort.abort(new Error("enough"));
        });
      }
    }
    const error = await failure({ url: "ws://127.0.0.1:1", signal: abort.signal }, {
      WebSocket: Failing as unknown as typeof WebSocket,
      fetch: () => {
        asked++;
        return Promise.reject(new Error("nobody there"));
      },
    });
    assert.deepEqual([error.message, asked], ["enough", 0]);
  });

  it("leaves nothing on the signal when it has found out what is wrong", () =>
    withServer({ greeting: "refuse" }, async (server) => {
      const abort = new WatchedAbort();
      const clock = new VirtualClock();
      const error = await failure({ url: server.url, clock, signal: abort.signal });
      assert.match(error.message, /check the option "token"/);
      assert.deepEqual([abort.listeners, clock.pending], [0, 0]);
    }));

  it("says what to use where there is no WebSocket", async () => {
    const error = await failure({ url: "ws://127.0.0.1:1" }, { fetch });
    assert.ok(UnsupportedError.is(error));
    assert.match(error.message, /Use Node 22 or newer, Deno or Bun/);
  });

  const urls: Record<string, RegExp> = {
    "localhost:1": /starts with "ws:" or "wss:"/,
    "http://127.0.0.1:1": /starts with "ws:" or "wss:"/,
    "nonsense with hush-hush": /starts with "ws:" or "wss:"/,
    "ws://me:hush-hush@127.0.0.1:1": /no user name or password/,
    "wss://hush-hush@127.0.0.1:1": /no user name or password/,
    "ws://127.0.0.1:1/#hush-hush": /expected no "#"/,
  };
  for (const [url, message] of Object.entries(urls)) {
    it(`refuses ${url}, and does not show it`, async () => {
      const error = await failure({ url });
      assert.ok(InvalidOptionsError.is(error));
      assert.match(error.message, message);
      assert.equal(inspect(error, { depth: 10 }).includes("hush-hush"), false);
    });
  }

  it("refuses a token that fits in no header, and does not show it", async () => {
    for (const bad of ["", "hush hush", "hush-hush\r\nOrigin: x", "hush-hush-é"]) {
      const error = await failure({ url: "ws://127.0.0.1:1", token: bad });
      assert.ok(InvalidOptionsError.is(error));
      assert.equal(error.path, "token");
      assert.equal(inspect(error, { depth: 10 }).includes("hush"), false);
    }
  });

  it("refuses to send a token over a network in the clear, as codex does", async () => {
    const error = await failure({ url: "ws://10.1.2.3:4", token });
    assert.ok(InvalidOptionsError.is(error));
    assert.match(error.message, /Use "wss:", or an SSH tunnel/);
  });

  it("takes every spelling of loopback", async () => {
    for (const host of ["localhost", "a.localhost", "127.9.9.9", "[::1]"]) {
      const error = await failure({ url: `ws://${host}:1`, token }, { fetch });
      assert.ok(UnsupportedError.is(error), "it got as far as to look for a WebSocket");
    }
  });

  it("hides the token where the platform quotes it", async () => {
    class Quoting {
      constructor(_url: string, { headers }: { headers: Record<string, string> }) {
        throw new TypeError(`Bad header ${headers.Authorization}`);
      }
    }
    const platform = { WebSocket: Quoting as unknown as typeof WebSocket, fetch };
    const error = await failure({ url: "ws://127.0.0.1:1", token }, platform);
    assert.ok(ConnectionError.is(error));
    assert.match(error.message, /Bad header Bearer \[redacted\]/);
    assert.equal(inspect(error, { depth: 10 }).includes(token), false);
  });

  it("says which permission Deno wants", async () => {
    class Forbidden {
      constructor() {
        throw Object.assign(new Error("Requires net access"), { name: "NotCapable" });
      }
    }
    const platform = { WebSocket: Forbidden as unknown as typeof WebSocket, fetch };
    const error = await failure({ url: "ws://127.0.0.1:9" }, platform);
    assert.match(error.message, /Start Deno with "--allow-net=127\.0\.0\.1:9"/);
  });
});

describe("a channel over a WebSocket", () => {
  it("carries a message in each text frame, both ways", () =>
    withConnection(async ({ channel, peer, diagnostics }) => {
      const writer = channel.writable.getWriter();
      await writer.write({ id: 1, method: "é\u2028", params: { text: "\n" } });
      assert.deepEqual(await peer.frames(1), [
        '{"id":1,"method":"é\u2028","params":{"text":"\\n"}}',
      ]);
      const reader = channel.readable.getReader();
      peer.send('{"id":1,\n"result":"ü"}');
      assert.deepEqual((await reader.read()).value, { id: 1, result: "ü" });
      assert.equal(channel.stderr(), "");
      assert.deepEqual(diagnostics, []);
    }));

  it("passes over frames that are no messages", () =>
    withConnection(async ({ channel, peer, diagnostics }) => {
      peer.send(`no JSON, ${token}`);
      peer.send(new Uint8Array([1, 2]), 2);
      peer.send("");
      peer.send("[]");
      peer.send('{"method":"a"}');
      assert.deepEqual((await channel.readable.getReader().read()).value, { method: "a" });
      assert.deepEqual(diagnostics, [
        { kind: "stdout", message: "no JSON, [redacted]", line: 1 },
        { kind: "stdout", message: "A frame that is empty, or not text", line: 2 },
        { kind: "stdout", message: "A frame that is empty, or not text", line: 3 },
        { kind: "stdout", message: "[]", line: 4 },
      ]);
    }));

  it("keeps back what has become a secret since it was opened", () => {
    const secrets = new Set<string>();
    return withConnection(async ({ channel, peer, diagnostics }) => {
      secrets.add("told-later");
      peer.send("no message, told-later");
      peer.send('{"method":"a"}');
      assert.deepEqual((await channel.readable.getReader().read()).value, { method: "a" });
      assert.deepEqual(diagnostics.map(({ message }) => message), ["no message, [redacted]"]);
    }, { redact: (text) => redactor(secrets)(text) });
  });

  it("ends when told to, and is then over without an error", () =>
    withConnection(async ({ channel }) => {
      await channel.close();
      assert.deepEqual(await channel.ended, { exitCode: null, signal: null });
      assert.deepEqual(await rest(channel), []);
      await channel.close();
      const error = await channel.writable.getWriter().write({ method: "x" })
        .then(() => undefined, (error) => error);
      assert.ok(ConnectionError.is(error));
    }));

  it("ends when its messages are not wanted any more, or there are no more to send", async () => {
    await withConnection(async ({ channel }) => {
      await channel.readable.cancel();
      assert.deepEqual(await channel.ended, { exitCode: null, signal: null });
    });
    for (const how of ["close", "abort"] as const) {
      await withConnection(async ({ channel }) => {
        await channel.writable[how]();
        assert.deepEqual(await channel.ended, { exitCode: null, signal: null });
      });
    }
  });

  it("is lost with the server, after all that it had said", () =>
    withConnection(async ({ channel, peer }) => {
      for (let n = 0; n < 10; n++) peer.send(`{"n":${n}}`);
      const reader = channel.readable.getReader();
      for (let n = 0; n < 10; n++) assert.deepEqual((await reader.read()).value, { n });
      peer.destroy();
      assert.equal((await reader.read()).done, true);
      const { error, ...end } = await channel.ended;
      assert.deepEqual(end, { exitCode: null, signal: null });
      assert.ok(ConnectionError.is(error));
      assert.equal(error.reason, "lost");
      assert.match(error.message, /^The connection to the app-server at "ws:\S+" was lost/);
      assert.equal(inspect(error, { depth: 10 }).includes(token), false);
    }));

  it("tells the code with which the server ends it", () =>
    withConnection(async ({ channel, peer }) => {
      peer.send(new Uint8Array([0x03, 0xf3]), 8);
      const { error } = await channel.ended;
      assert.ok(ConnectionError.is(error));
      assert.equal(error.closeCode, 1011);
      assert.match(error.message, /\(close code 1011\)$/);
    }));

  it("answers itself what is too large for the server, and lives on", () =>
    withConnection(async ({ channel, peer }) => {
      const writer = channel.writable.getWriter();
      const reader = channel.readable.getReader();
      const text = "x".repeat(16 * 1024 * 1024);
      await writer.write({ id: 7, method: "turn/start", params: { text } });
      const { id, error } = (await reader.read()).value as {
        id: number;
        error: { code: number; message: string; data: unknown };
      };
      assert.deepEqual([id, error.code], [7, -32600]);
      assert.match(error.message, /^Message too large: it has \d+ bytes/);
      await writer.write({ id: 0, result: { text } });
      await writer.write({ method: "note", params: { text } });
      await writer.write({ id: 8, method: "small" });
      const [answer, small] = await peer.frames(2);
      assert.deepEqual(JSON.parse(answer!).error.code, -32603);
      assert.deepEqual(JSON.parse(answer!).id, 0);
      assert.deepEqual(JSON.parse(small!), { id: 8, method: "small" });
    }));

  it("counts bytes, not characters", () =>
    withConnection(async ({ channel, peer }) => {
      const writer = channel.writable.getWriter();
      const reader = channel.readable.getReader();
      await writer.write({ id: 1, method: "x", params: { text: "é".repeat(8 * 1024 * 1024) } });
      assert.equal("error" in (await reader.read()).value!, true);
      await writer.write({ id: 2, method: "x", params: { text: "e".repeat(8 * 1024 * 1024) } });
      assert.equal(JSON.parse((await peer.frames(1))[0]!).id, 2);
    }));
});

/** A socket that does what the test tells it to. */
class FakeSocket {
  static last: FakeSocket;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  readonly closedWith: unknown[] = [];
  /** How often it was dropped, which only Bun's can be. */
  drops = 0;

  constructor() {
    FakeSocket.last = this;
  }

  send(text: string): void {
    this.sent.push(text);
    this.bufferedAmount += text.length;
  }

  close(code?: number): void {
    this.closedWith.push(code);
    this.readyState = 2;
  }

  terminate(): void {
    this.drops++;
  }
}

async function connectToFake(input: Partial<ConnectServerInput> = {}) {
  const clock = new VirtualClock();
  const platform = { WebSocket: FakeSocket as unknown as typeof WebSocket, fetch };
  const connecting = connectServer({ url: "ws://127.0.0.1:1", clock, ...input }, platform);
  const socket = FakeSocket.last;
  socket.onopen!();
  const channel = await connecting;
  return { clock, socket, channel };
}

describe("a channel over a WebSocket that cannot send,", () => {
  const large: Message = { method: "x", params: { text: "x".repeat(1024 * 1024) } };

  it("waits until most of what it has was sent", async () => {
    const { clock, socket, channel } = await connectToFake();
    const writer = channel.writable.getWriter();
    let written = 0;
    for (let n = 0; n < 3; n++) writer.write(large).then(() => written++);
    await clock.advance(1000);
    assert.deepEqual([written, socket.sent.length], [1, 1]);
    socket.bufferedAmount = 0;
    await clock.advance(10);
    assert.deepEqual([written, socket.sent.length], [2, 2]);
    socket.bufferedAmount = 0;
    socket.onmessage!({ data: "{}" });
    await settled();
    assert.deepEqual([written, clock.pending], [3, 0], "a sign of life makes it look at once");
  });

  it("waits no longer when the connection ends", async () => {
    const { clock, socket, channel } = await connectToFake();
    const writer = channel.writable.getWriter();
    writer.closed.catch(() => {});
    await writer.write(large);
    const failed = writer.write(large).then(() => undefined, (error) => error);
    await clock.advance(100);
    socket.readyState = 3;
    socket.onclose!({ code: 1006 });
    assert.ok(ConnectionError.is(await failed));
    assert.equal(socket.sent.length, 1);
    assert.equal(clock.pending, 0);
  });
});

describe("connectServer() with a socket of the test's own", () => {
  const platform = (fetch: typeof globalThis.fetch): WebSocketPlatform => ({
    WebSocket: FakeSocket as unknown as typeof WebSocket,
    fetch,
  });

  it("listens to the signal no longer than it connects", async () => {
    const abort = new WatchedAbort();
    const { channel, socket } = await connectToFake({ signal: abort.signal });
    assert.equal(abort.listeners, 0);
    abort.abort(new Error("too late"));
    assert.deepEqual(socket.closedWith, []);
    socket.onclose!({ code: 1000 });
    await channel.ended;
  });

  it("closes the socket that it gives up", async () => {
    const abort = new WatchedAbort();
    const clock = new VirtualClock();
    const failed = failure(
      { url: "ws://127.0.0.1:1", clock, signal: abort.signal },
      platform(fetch),
    );
    abort.abort(new Error("enough"));
    assert.equal((await failed).message, "enough");
    assert.deepEqual(FakeSocket.last.closedWith, [undefined]);
    assert.deepEqual([abort.listeners, clock.pending], [0, 0]);
  });

  it("gives up to ask what runs there instead", async () => {
    const clock = new VirtualClock();
    const silent: typeof globalThis.fetch = (_, init) =>
      new Promise((_, reject) => {
        init!.signal!.addEventListener("abort", () => reject(new Error("gave up")));
      });
    const failed = failure({ url: "ws://127.0.0.1:1", clock }, platform(silent));
    FakeSocket.last.onclose!({ code: 1006 });
    await clock.advance(10_000);
    const error = await failed;
    assert.ok(ConnectionError.is(error));
    assert.equal(error.reason, "unreachable");
    assert.equal(clock.pending, 0);
  });
});

describe("a channel over a WebSocket whose peer is gone without a word", () => {
  it("ends after a while when it is closed", async () => {
    const { clock, socket, channel } = await connectToFake();
    let isOver = false;
    channel.close().then(() => isOver = true);
    assert.deepEqual(socket.closedWith, [1000]);
    await clock.advance(999);
    assert.deepEqual([isOver, socket.drops], [false, 0]);
    await clock.advance(1);
    assert.deepEqual([isOver, socket.drops], [true, 1]);
    assert.deepEqual(await channel.ended, { exitCode: null, signal: null });
    assert.equal(clock.pending, 0);
    assert.deepEqual(await rest(channel), []);
  });

  it("leaves no timer when it ends in time", async () => {
    const { clock, socket, channel } = await connectToFake();
    const closed = channel.close();
    socket.onclose!({ code: 1000 });
    await closed;
    assert.equal(clock.pending, 0);
  });
});
