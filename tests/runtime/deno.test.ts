import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { realTimers } from "../../src/runtime/real_timers.ts";
import { runtimeName } from "../../src/runtime/mod.ts";
import type { Runtime } from "../../src/runtime/types.ts";
import { contract } from "./contract.ts";

if (runtimeName() === "deno") {
  const { denoRuntime } = await import("../../src/runtime/deno.ts");
  contract(denoRuntime);
  aboutSignals(denoRuntime);
}

function aboutSignals(runtime: Runtime): void {
  describe("whenSignalsAreTold() on Deno", () => {
    it("leaves no listener and no timer", async () => {
      const outside = new SignalsAndTimers();
      await outside.during(() => runtime.whenSignalsAreTold());
      assert.deepEqual([outside.heard, outside.listeners.size, outside.timers.size], [1, 0, 0]);
    });

    it("does not wait for a signal that does not come", async () => {
      const outside = new SignalsAndTimers();
      outside.isMute = true;
      await outside.during(async () => {
        const told = runtime.whenSignalsAreTold();
        const [fire] = outside.timers;
        fire!();
        await told;
      });
      assert.deepEqual([outside.heard, outside.listeners.size, outside.timers.size], [0, 0, 0]);
    });

    it("does not wait where the system has no such signal", async () => {
      const outside = new SignalsAndTimers();
      outside.hasNoSignals = true;
      await outside.during(() => runtime.whenSignalsAreTold());
      assert.equal(outside.timers.size, 0);
    });
  });
}

/** Keeps count of listeners and timers, in place of the runtime's own. */
class SignalsAndTimers {
  readonly listeners: Set<() => void> = new Set();
  readonly timers: Set<() => void> = new Set();
  heard = 0;
  /** Whether signals are told to nobody. */
  isMute = false;
  hasNoSignals = false;

  async during(work: () => Promise<void>): Promise<void> {
    const { addSignalListener, removeSignalListener, kill } = Deno;
    const { after } = realTimers;
    Object.assign(Deno, {
      addSignalListener: (_: Deno.Signal, listener: () => void) => {
        if (this.hasNoSignals) throw new TypeError("Not on this system");
        this.listeners.add(listener);
      },
      removeSignalListener: (_: Deno.Signal, listener: () => void) => {
        this.listeners.delete(listener);
      },
      kill: () => {
        if (this.isMute) return;
        for (const listener of [...this.listeners]) {
          this.heard++;
          listener();
        }
      },
    });
    realTimers.after = (_, callback) => {
      this.timers.add(callback);
      return () => this.timers.delete(callback);
    };
    try {
      await work();
    } finally {
      Object.assign(Deno, { addSignalListener, removeSignalListener, kill });
      realTimers.after = after;
    }
  }
}
