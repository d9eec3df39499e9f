import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type EventSource, EventStream } from "../../src/streams/event_stream.ts";
import { collect, drain } from "../support/streams.ts";
import { settled } from "../support/virtual_clock.ts";

/** A source that gives batches in turn, then ends or fails, and counts what is asked of it. */
class FakeSource implements EventSource<number> {
  pulls = 0;
  cancels: unknown[] = [];
  /** What `cancel` waits for. */
  gone: Promise<void> = Promise.resolve();
  #steps: (number[] | Error | Promise<number[] | null>)[];

  constructor(...steps: (number[] | Error | Promise<number[] | null>)[]) {
    this.#steps = steps;
  }

  async pull(): Promise<number[] | null> {
    this.pulls++;
    const step = await this.#steps.shift();
    if (step instanceof Error) throw step;
    return step ?? null;
  }

  async cancel(reason: unknown): Promise<void> {
    this.cancels.push(reason);
    await this.gone;
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((r) => resolve = r);
  return { promise, resolve };
}

const boom = new Error("boom");

describe("EventStream", () => {
  it("is a ReadableStream", async () => {
    const stream = new EventStream(new FakeSource([1, 2], [3]));
    assert.ok(stream instanceof ReadableStream);
    assert.deepEqual(await collect(stream), [1, 2, 3]);
  });

  it("is its own iterator", () => {
    const stream = new EventStream(new FakeSource());
    assert.equal(stream[Symbol.asyncIterator](), stream);
  });

  it("is read by for await", async () => {
    const seen: number[] = [];
    for await (const event of new EventStream(new FakeSource([1], [2, 3]))) seen.push(event);
    assert.deepEqual(seen, [1, 2, 3]);
  });

  it("is read by next() to its end and beyond", async () => {
    const stream = new EventStream(new FakeSource([1, 2]));
    assert.deepEqual(await stream.next(), { done: false, value: 1 });
    assert.deepEqual(await stream.next(), { done: false, value: 2 });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  it("answers calls of next() that overlap in order", async () => {
    const stream = new EventStream(new FakeSource([1], [2], [3]));
    const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
    assert.deepEqual(results.map((result) => result.value), [1, 2, 3, undefined]);
  });

  it("asks the source for nothing before the first read", async () => {
    const source = new FakeSource([1]);
    const stream = new EventStream(source);
    await settled();
    assert.equal(source.pulls, 0);
    await stream.next();
    assert.equal(source.pulls, 1);
  });

  it("does not read ahead", async () => {
    const source = new FakeSource([1, 2], [3], [4]);
    const stream = new EventStream(source);
    await stream.next();
    await stream.next();
    await settled();
    assert.equal(source.pulls, 1);
    await stream.next();
    await settled();
    assert.equal(source.pulls, 2);
  });

  it("asks again when the source had no events", async () => {
    const source = new FakeSource([], [], [1], []);
    assert.deepEqual(await collect(new EventStream(source)), [1]);
  });

  it("raises an error after the last event that arrived, once", async () => {
    const stream = new EventStream(new FakeSource([1, 2, 3], boom));
    const { values, error } = await drain(stream);
    assert.deepEqual(values, [1, 2, 3]);
    assert.equal(error, boom);
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  it("raises an error after the last event through a reader, too", async () => {
    const reader = new EventStream(new FakeSource([1, 2, 3], boom)).getReader();
    for (const value of [1, 2, 3]) assert.deepEqual(await reader.read(), { done: false, value });
    await assert.rejects(reader.read(), boom);
  });

  it("return() cancels the source and waits for it", async () => {
    const { promise, resolve } = deferred<void>();
    const source = new FakeSource([1, 2]);
    source.gone = promise;
    const stream = new EventStream(source);
    await stream.next();
    let returned = false;
    const returning = stream.return().then((result) => {
      returned = true;
      return result;
    });
    await settled();
    assert.equal(source.cancels.length, 1);
    assert.equal(returned, false);
    resolve();
    assert.deepEqual(await returning, { done: true, value: undefined });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  it("return() before the first read starts nothing", async () => {
    const source = new FakeSource([1]);
    const stream = new EventStream(source);
    await stream.return();
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.equal(source.pulls, 0);
    assert.equal(source.cancels.length, 1);
  });

  it("return() after the end does nothing", async () => {
    const source = new FakeSource([1]);
    const stream = new EventStream(source);
    await drain(stream);
    assert.deepEqual(await stream.return(), { done: true, value: undefined });
    assert.equal(source.cancels.length, 0);
  });

  it("return() after an error does not raise it again", async () => {
    const stream = new EventStream(new FakeSource(boom));
    await assert.rejects(stream.next(), boom);
    assert.deepEqual(await stream.return(), { done: true, value: undefined });
  });

  it("return() ends a next() that waits", async () => {
    const stream = new EventStream(new FakeSource(new Promise(() => {})));
    const waiting = stream.next();
    await stream.return();
    assert.deepEqual(await waiting, { done: true, value: undefined });
  });

  it("readAhead() reads to the end, and next() then gives what it has read, in order", async () => {
    const gate = deferred<number[] | null>();
    const stream = new EventStream(new FakeSource([1], gate.promise, [4]));
    const seen = [(await stream.next()).value];
    const waiting = stream.next();
    const ahead = stream.readAhead();
    const after = stream.next();
    gate.resolve([2, 3]);
    await Promise.all([ahead, stream.readAhead()]);
    seen.push((await waiting).value, (await after).value);
    for await (const event of stream) seen.push(event);
    assert.deepEqual(seen, [1, 2, 3, 4]);
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  it("readAhead() leaves an error to next(), which raises it once, after all before it", async () => {
    const stream = new EventStream(new FakeSource([1], [2], boom));
    await stream.next();
    await stream.readAhead();
    assert.deepEqual(await stream.next(), { done: false, value: 2 });
    await assert.rejects(stream.next(), boom);
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  it("return() ends a readAhead(), and forgets what it has read", async () => {
    const source = new FakeSource([1, 2, 3], new Promise(() => {}));
    const stream = new EventStream(source);
    await stream.next();
    const ahead = stream.readAhead();
    await settled();
    await stream.return();
    await ahead;
    assert.equal(source.cancels.length, 1);
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  it("return() after an error that was read ahead forgets what came before it", async () => {
    const stream = new EventStream(new FakeSource([1, 2], boom));
    await stream.next();
    await stream.readAhead();
    assert.deepEqual(await stream.return(), { done: true, value: undefined });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  it("is disposed of without an error while a pipe reads it", async () => {
    const source = new FakeSource([1], [2]);
    const stream = new EventStream(source);
    const [one, two] = stream.tee();
    const reading = [collect(one!), collect(two!)];
    await stream[Symbol.asyncDispose]();
    assert.deepEqual(await Promise.all(reading), [[1, 2], [1, 2]]);
    assert.equal(source.cancels.length, 0);
  });

  it("throw() cancels the source, then rejects with the error", async () => {
    const source = new FakeSource([1, 2]);
    const stream = new EventStream(source);
    await stream.next();
    await assert.rejects(stream.throw(boom), boom);
    assert.equal(source.cancels.length, 1);
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  it("is disposed of as by return()", async () => {
    const source = new FakeSource([1, 2]);
    const stream = new EventStream(source);
    await stream.next();
    assert.equal(await stream[Symbol.asyncDispose](), undefined);
    assert.equal(source.cancels.length, 1);
  });

  it("break waits until nothing of the turn is left", async () => {
    const { promise, resolve } = deferred<void>();
    const source = new FakeSource([1, 2]);
    source.gone = promise;
    let left = false;
    const loop = (async () => {
      for await (const _ of new EventStream(source)) break;
      left = true;
    })();
    await settled();
    assert.equal(source.cancels.length, 1);
    assert.equal(left, false);
    resolve();
    await loop;
  });

  it("an error thrown in a loop cancels the source and comes out of the loop", async () => {
    const source = new FakeSource([1, 2]);
    await assert.rejects(async () => {
      for await (const _ of new EventStream(source)) throw boom;
    }, boom);
    assert.equal(source.cancels.length, 1);
  });

  it("cancel() hands its reason to the source, also while next() is in use", async () => {
    const unread = new FakeSource([1]);
    await new EventStream(unread).cancel("a");
    assert.deepEqual(unread.cancels, ["a"]);
    const read = new FakeSource([1]);
    const stream = new EventStream(read);
    await stream.next();
    await stream.cancel("b");
    assert.deepEqual(read.cancels, ["b"]);
  });

  it("cancel() rejects while someone else reads, as of any stream", async () => {
    const stream = new EventStream(new FakeSource([1]));
    stream.getReader();
    await assert.rejects(stream.cancel(), TypeError);
  });

  it("tells who reads", async () => {
    const byNext = new EventStream(new FakeSource([1]));
    assert.equal(byNext.isReadElsewhere, false);
    await byNext.next();
    assert.equal(byNext.isReadElsewhere, false);
    assert.equal(byNext.locked, true);
    const byReader = new EventStream(new FakeSource([1]));
    const reader = byReader.getReader();
    assert.equal(byReader.isReadElsewhere, true);
    reader.releaseLock();
    assert.equal(byReader.isReadElsewhere, false);
  });

  it("is piped into another stream", async () => {
    const seen: number[] = [];
    const target = new WritableStream<number>({ write: (event) => void seen.push(event) });
    await new EventStream(new FakeSource([1, 2], [3])).pipeTo(target);
    assert.deepEqual(seen, [1, 2, 3]);
  });

  it("cancels the source when the stream it is piped into fails", async () => {
    const source = new FakeSource([1], [2], new Promise(() => {}));
    const target = new WritableStream<number>({
      write() {
        throw boom;
      },
    });
    await assert.rejects(new EventStream(source).pipeTo(target), boom);
    assert.deepEqual(source.cancels, [boom]);
  });

  it("is read twice after tee()", async () => {
    const [left, right] = new EventStream(new FakeSource([1, 2], [3])).tee();
    assert.deepEqual(await Promise.all([collect(left), collect(right)]), [[1, 2, 3], [1, 2, 3]]);
  });

  it("is the body of a Response", async () => {
    const lines = new TransformStream<number, Uint8Array<ArrayBuffer>>({
      transform: (event, controller) => controller.enqueue(new TextEncoder().encode(`${event}\n`)),
    });
    const response = new Response(new EventStream(new FakeSource([1, 2], [3])).pipeThrough(lines));
    assert.equal(await response.text(), "1\n2\n3\n");
  });

  it("gives every event in order, in whatever batches, and then the outcome", async () => {
    const batches = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 6 });
    await fc.assert(fc.asyncProperty(batches, fc.boolean(), async (all, fails) => {
      const source = new FakeSource(...all, ...(fails ? [boom] : []));
      const { values, error } = await drain(new EventStream(source));
      assert.deepEqual(values, all.flat());
      assert.equal(error, fails ? boom : undefined);
    }));
  });
});
