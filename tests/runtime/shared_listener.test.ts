import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sharedListener } from "../../src/runtime/shared_listener.ts";

/** A source, and what is installed on it. */
function source() {
  const installed = new Set<(value: number) => void>();
  const listen = sharedListener<number>((notify) => {
    installed.add(notify);
    return () => installed.delete(notify);
  });
  const tell = (value: number) => installed.forEach((notify) => notify(value));
  return { installed, listen, tell };
}

describe("sharedListener()", () => {
  it("installs one listener for many, as long as there are any", () => {
    const { installed, listen, tell } = source();
    const heard: string[] = [];
    assert.equal(installed.size, 0);
    const stops = ["a", "b"].map((name) => listen((value) => heard.push(`${name}${value}`)));
    assert.equal(installed.size, 1);
    tell(1);
    stops[0]!();
    tell(2);
    stops[0]!();
    assert.equal(installed.size, 1);
    stops[1]!();
    assert.equal(installed.size, 0);
    assert.deepEqual(heard, ["a1", "b1", "b2"]);
  });

  it("counts the same function twice", () => {
    const { listen, tell } = source();
    let heard = 0;
    const listener = () => heard++;
    const [stop] = [listen(listener), listen(listener)];
    stop!();
    tell(1);
    assert.equal(heard, 1);
  });

  it("lets a listener stop while all are told, and installs again later", () => {
    const { installed, listen, tell } = source();
    const heard: string[] = [];
    const stop = listen(() => {
      heard.push("first");
      stop();
    });
    const stopSecond = listen(() => heard.push("second"));
    tell(1);
    stopSecond();
    assert.deepEqual(heard, ["first", "second"]);
    listen(() => heard.push("third"));
    assert.equal(installed.size, 1);
    tell(2);
    assert.deepEqual(heard, ["first", "second", "third"]);
  });
});
