import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CodexError, InvalidOptionsError, UnsupportedError } from "../../src/errors.ts";
import { refuseUnsupported } from "../../src/exec/unsupported.ts";
import type { CodexOptions } from "../../src/options.ts";
import type { TurnRequest } from "../../src/transport.ts";

function refusal(request: Partial<TurnRequest>, codexOptions: CodexOptions = {}): unknown {
  try {
    refuseUnsupported({
      thread: { type: "new" },
      isFirst: true,
      input: "a",
      threadOptions: {},
      turnOptions: {},
      signal: new AbortController().signal,
      ...request,
    }, codexOptions);
  } catch (error) {
    return error;
  }
}

describe("the exec lane", () => {
  it("refuses what needs codex to ask, and names the lane that can", () => {
    const handler = () => "accept" as const;
    const answers = () => ({});
    const elicitation = () => ({ action: "decline" as const });
    for (
      const [option, error] of [
        ["onApproval", refusal({}, { onApproval: handler })],
        ["onApproval", refusal({ threadOptions: { onApproval: handler } })],
        ["onApproval", refusal({ turnOptions: { onApproval: handler } })],
        ["onUserInput", refusal({ turnOptions: { onUserInput: answers } })],
        ["onElicitation", refusal({ turnOptions: { onElicitation: elicitation } })],
        ["tools", refusal({ threadOptions: { tools: [] } })],
        ["liveEvents", refusal({ turnOptions: { liveEvents: true } })],
      ] as const
    ) {
      assert.ok(UnsupportedError.is(error));
      assert.match(error.message, new RegExp(`"${option}" on the "exec" lane.*appServer\\(\\)`));
    }
  });

  it("takes the same options when they are not set", () => {
    assert.equal(refusal({ turnOptions: { liveEvents: false, onApproval: undefined } }), undefined);
  });

  it("refuses a second turn of an ephemeral thread", () => {
    const threadOptions = { ephemeral: true };
    const error = refusal({ isFirst: false, threadOptions });
    assert.ok(InvalidOptionsError.is(error));
    assert.equal(error.path, "ephemeral");
    assert.equal(
      error.message,
      'Cannot run another turn of an "ephemeral" thread: codex kept no record of it',
    );
    assert.equal(refusal({ threadOptions }), undefined);
    const resumed = { type: "resume", id: "t" } as const;
    assert.equal(refusal({ thread: resumed, threadOptions }), undefined);
  });

  it("refuses a review in a thread that has begun", () => {
    const review = { type: "uncommitted_changes" } as const;
    for (const thread of [{ type: "resume", id: "t" }, { type: "fork", id: "t" }] as const) {
      const error = refusal({ thread, review });
      assert.ok(CodexError.is(error));
      assert.match(error.message, /on the "exec" lane: review in a new thread$/);
    }
    assert.equal(refusal({ review }), undefined);
  });
});
