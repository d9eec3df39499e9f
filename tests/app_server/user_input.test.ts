import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { userInput } from "../../src/app_server/user_input.ts";
import { userInputRequest } from "../support/server_requests_stage.ts";

const { params } = userInputRequest;

describe("userInput()", () => {
  it("asks the questions of codex", () => {
    assert.deepEqual(userInput(params).request, {
      threadId: "thread-1",
      turnId: "turn-1",
      itemId: "item-1",
      questions: [
        {
          id: "q1",
          header: "Colour",
          question: "Which colour?",
          options: [{ label: "Red", description: "Warm" }, { label: "Blue", description: "Cold" }],
          allowsOther: true,
          isSecret: false,
        },
        {
          id: "q2",
          header: "Key",
          question: "Which key?",
          options: [],
          allowsOther: false,
          isSecret: true,
        },
      ],
      raw: params,
    });
  });

  it("tells the answers by question, some or none of them", () => {
    const { decide } = userInput(params);
    assert.deepEqual(decide({ q1: ["Blue", "Red"], q2: [] })!.result, {
      answers: { q1: { answers: ["Blue", "Red"] }, q2: { answers: [] } },
    });
    assert.deepEqual(decide({})!.result, { answers: {} });
  });

  it("takes nothing else for answers", () => {
    const { decide } = userInput(params);
    for (const answers of [{ q3: ["?"] }, { q1: "Blue" }, { q1: [1] }, { toString: [] }, []]) {
      assert.equal(decide(answers), null);
    }
  });
});
