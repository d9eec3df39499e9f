import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Guarded, HostGuard, hostGuard } from "../../src/exec/host_guard.ts";
import type { Signal } from "../../src/runtime/types.ts";
import { FakeRuntime } from "../support/fake_runtime.ts";
import { settled } from "../support/virtual_clock.ts";

class FakeGuarded implements Guarded {
  readonly ended: Promise<void>;
  readonly told: string[] = [];
  end!: () => void;

  constructor() {
    this.ended = new Promise((resolve) => this.end = resolve);
  }

  endForHost(signal: Signal): void {
    this.told.push(`end for ${signal}`);
  }

  endNow(signal: Signal): void {
    this.told.push(`${signal} now`);
  }
}

function setUp() {
  const runtime = new FakeRuntime();
  const guard = new HostGuard(runtime);
  const add = (handleSignals = true) => {
    const guarded = new FakeGuarded();
    guard.add(guarded, { handleSignals });
    return guarded;
  };
  return { runtime, guard, add };
}

describe("HostGuard", () => {
  it("listens to the host only while something runs", async () => {
    const { runtime, add } = setUp();
    assert.equal(runtime.hostListeners, 0);
    const [first, second] = [add(), add()];
    assert.equal(runtime.hostListeners, 2);
    first.end();
    await settled();
    assert.equal(runtime.hostListeners, 2);
    second.end();
    await settled();
    assert.equal(runtime.hostListeners, 0);
    const third = add();
    assert.equal(runtime.hostListeners, 2);
    third.end();
    await settled();
    assert.equal(runtime.hostListeners, 0);
  });

  it("listens to signals only while someone wants that", async () => {
    const { runtime, add } = setUp();
    const without = add(false);
    assert.equal(runtime.hostListeners, 1);
    const wanting = add(true);
    assert.equal(runtime.hostListeners, 2);
    wanting.end();
    await settled();
    assert.equal(runtime.hostListeners, 1);
    without.end();
    await settled();
    assert.equal(runtime.hostListeners, 0);
  });

  it("asks all to end at a signal, then raises it again once they have", async () => {
    const { runtime, add } = setUp();
    const [first, second] = [add(), add()];
    runtime.hostSignal("SIGTERM");
    assert.deepEqual([first.told, second.told], [["end for SIGTERM"], ["end for SIGTERM"]]);
    first.end();
    await settled();
    assert.deepEqual(runtime.raised, []);
    second.end();
    await settled();
    assert.deepEqual(runtime.raised, ["SIGTERM"]);
    assert.equal(runtime.hostListeners, 0);
  });

  it("ends what starts after the signal as well, before it raises it", async () => {
    const { runtime, add } = setUp();
    const first = add();
    runtime.hostSignal("SIGINT");
    const second = add();
    assert.deepEqual(second.told, ["end for SIGINT"]);
    first.end();
    await settled();
    assert.deepEqual(runtime.raised, []);
    second.end();
    await settled();
    assert.deepEqual(runtime.raised, ["SIGINT"]);
    assert.equal(runtime.hostListeners, 0);
  });

  it("does not end what starts after the raised signal left the program running", async () => {
    const { runtime, add } = setUp();
    const first = add();
    runtime.hostSignal("SIGINT");
    first.end();
    await settled();
    assert.deepEqual(add().told, []);
  });

  it("kills at the second signal", async () => {
    const { runtime, add } = setUp();
    const guarded = add();
    runtime.hostSignal("SIGINT");
    runtime.hostSignal("SIGINT");
    assert.deepEqual(guarded.told, ["end for SIGINT", "SIGKILL now"]);
    guarded.end();
    await settled();
    assert.deepEqual(runtime.raised, ["SIGINT"]);
  });

  it("is patient again with what runs after a signal that did not end the host", async () => {
    const { runtime, add } = setUp();
    const first = add();
    runtime.hostSignal("SIGHUP");
    first.end();
    await settled();
    const second = add();
    runtime.hostSignal("SIGINT");
    assert.deepEqual(second.told, ["end for SIGINT"]);
    second.end();
    await settled();
    assert.deepEqual(runtime.raised, ["SIGHUP", "SIGINT"]);
  });

  it("leaves alone what does not want signals handled", async () => {
    const { runtime, add } = setUp();
    const [wanting, without] = [add(true), add(false)];
    runtime.hostSignal("SIGTERM");
    runtime.hostSignal("SIGTERM");
    assert.deepEqual(without.told, []);
    wanting.end();
    await settled();
    assert.deepEqual(runtime.raised, ["SIGTERM"]);
    assert.equal(runtime.hostListeners, 1);
  });

  it("leaves a signal to a program that handles it itself", async () => {
    const { runtime, add } = setUp();
    const guarded = add();
    runtime.signalIsHandled = true;
    runtime.hostSignal("SIGINT");
    assert.deepEqual(guarded.told, []);
    runtime.signalIsHandled = false;
    runtime.hostSignal("SIGINT");
    assert.deepEqual(guarded.told, ["end for SIGINT"]);
    guarded.end();
    await settled();
    assert.deepEqual(runtime.raised, ["SIGINT"]);
  });

  it("interrupts at once what runs when the host exits", async () => {
    const { runtime, add } = setUp();
    const [first, second, gone] = [add(true), add(false), add(true)];
    gone.end();
    await settled();
    runtime.hostExit();
    assert.deepEqual([first.told, second.told, gone.told], [["SIGINT now"], ["SIGINT now"], []]);
  });
});

describe("hostGuard()", () => {
  it("gives one guard for each runtime", () => {
    const runtime = new FakeRuntime();
    assert.equal(hostGuard(runtime), hostGuard(runtime));
    assert.notEqual(hostGuard(runtime), hostGuard(new FakeRuntime()));
  });
});
