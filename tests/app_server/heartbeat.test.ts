import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Heartbeat } from "../../src/app_server/heartbeat.ts";
import { ConnectionError } from "../../src/errors.ts";
import { settled, VirtualClock } from "../support/virtual_clock.ts";

function setUp(ping: () => Promise<unknown> = () => Promise.resolve()) {
  const clock = new VirtualClock();
  const asked: number[] = [];
  const dead: { at: number; error: unknown }[] = [];
  const heartbeat = new Heartbeat({
    ping: () => {
      asked.push(clock.now());
      return ping();
    },
    clock,
    intervalMs: 100,
    timeoutMs: 30,
    onDead: (error) => dead.push({ at: clock.now(), error }),
  });
  return { clock, asked, dead, heartbeat };
}

describe("Heartbeat", () => {
  it("asks a silent peer now and then, and lets one live that answers", async () => {
    const { clock, asked, dead, heartbeat } = setUp();
    await clock.advance(350);
    assert.deepEqual(asked, [100, 200, 300]);
    assert.deepEqual(dead, []);
    heartbeat.stop();
    assert.equal(clock.pending, 0);
  });

  it("does not ask a peer that speaks", async () => {
    const { clock, asked, heartbeat } = setUp();
    for (let i = 0; i < 10; i++) {
      await clock.advance(60);
      heartbeat.heard();
    }
    assert.deepEqual(asked, []);
    await clock.advance(100);
    assert.deepEqual(asked, [700]);
    heartbeat.stop();
  });

  it("gives up a peer that does not answer, once", async () => {
    const { clock, dead } = setUp(() => new Promise(() => {}));
    await clock.advance(1000);
    assert.equal(dead.length, 1);
    assert.equal(dead[0]!.at, 130);
    assert.ok(ConnectionError.is(dead[0]!.error));
    assert.match(dead[0]!.error.message, /no sign of life for 30 ms/);
    assert.equal(clock.pending, 0);
  });

  it("gives up a peer that cannot be asked", async () => {
    const error = new Error("gone");
    const { clock, dead } = setUp(() => Promise.reject(error));
    await clock.advance(1000);
    assert.deepEqual(dead, [{ at: 100, error }]);
    assert.equal(clock.pending, 0);
  });

  it("takes anything that is said for an answer", async () => {
    const { clock, asked, dead, heartbeat } = setUp(() => new Promise(() => {}));
    await clock.advance(110);
    heartbeat.heard();
    await clock.advance(100);
    assert.deepEqual(dead, []);
    assert.deepEqual(asked, [100]);
    await clock.advance(20);
    assert.deepEqual(asked, [100, 230], "and asks again after an interval");
    heartbeat.stop();
  });

  it("ignores an answer that comes after the verdict, or after the end", async () => {
    for (const [waitMs, deaths] of [[200, 1], [110, 0]] as const) {
      const settle: { resolve?: () => void } = {};
      const { clock, dead, heartbeat } = setUp(() =>
        new Promise<void>((resolve) => settle.resolve = resolve)
      );
      await clock.advance(waitMs);
      heartbeat.stop();
      settle.resolve!();
      await settled();
      assert.equal(clock.pending, 0);
      assert.equal(dead.length, deaths);
    }
  });

  it("stops, also more than once", async () => {
    const { clock, asked, heartbeat } = setUp();
    heartbeat.stop();
    heartbeat.stop();
    await clock.advance(1000);
    assert.deepEqual(asked, []);
  });
});
