import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Outgoing, SendQueue } from "../../src/app_server/send_queue.ts";

function outgoing(isRequest: boolean): Outgoing {
  return { isRequest, message: () => ({ method: "m" }) };
}

describe("SendQueue", () => {
  const [first, second] = [outgoing(true), outgoing(true)];
  const [answer, notification] = [outgoing(false), outgoing(false)];

  /** A queue with all of them, in the order in which they were added. */
  function full(): SendQueue {
    const queue = new SendQueue();
    for (const each of [first, answer, second, notification]) queue.add(each);
    return queue;
  }

  /** What is sent, in order. */
  function sent(queue: SendQueue, mayRequest: boolean): Outgoing[] {
    const all: Outgoing[] = [];
    // More than there are would be an error, and not its end.
    for (let next; all.length < 10 && (next = queue.peek(mayRequest)) !== null;) {
      all.push(next);
      queue.delete(next);
    }
    return all;
  }

  it("keeps the order", () => {
    assert.deepEqual(sent(full(), true), [first, answer, second, notification]);
  });

  it("lets the others pass where requests have to wait", () => {
    const queue = full();
    assert.deepEqual(sent(queue, false), [answer, notification]);
    assert.deepEqual(sent(queue, true), [first, second]);
  });

  it("passes over what was given up", () => {
    const queue = full();
    for (const each of [first, notification, outgoing(true)]) queue.delete(each);
    assert.deepEqual(sent(queue, true), [answer, second]);
  });

  it("is empty when all was taken", () => {
    const queue = full();
    assert.deepEqual(new Set(queue.takeAll()), new Set([first, second, answer, notification]));
    assert.equal(queue.peek(true), null);
    assert.deepEqual(queue.takeAll(), []);
  });
});
