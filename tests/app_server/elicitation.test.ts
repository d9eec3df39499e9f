import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { elicitation } from "../../src/app_server/elicitation.ts";
import { elicitationRequest } from "../support/server_requests_stage.ts";

const { params } = elicitationRequest();
const page = elicitationRequest({
  mode: "url",
  url: "https://login.example/",
  requestedSchema: undefined,
}).params;
const bare = { content: null, _meta: null };

describe("elicitation()", () => {
  it("asks for a form", () => {
    assert.deepEqual(elicitation(params)!.request, {
      threadId: "thread-1",
      turnId: null,
      itemId: null,
      server: "demo",
      message: "Your name?",
      mode: "form",
      requestedSchema: params.requestedSchema,
      url: null,
      raw: params,
    });
  });

  it("takes the forms of OpenAI's own servers for forms", () => {
    for (const mode of ["openai/form", "openaiForm"]) {
      const { request } = elicitation({ ...params, mode })!;
      assert.equal("mode" in request && request.mode, "form");
    }
  });

  it("asks for a visit", () => {
    const { request } = elicitation(page)!;
    assert.ok("url" in request);
    assert.deepEqual([request.mode, request.url], ["url", "https://login.example/"]);
  });

  it("does not ask what it does not know", () => {
    for (const mode of ["openai/userVerification", "hologram", null, undefined]) {
      assert.equal(elicitation({ ...params, mode }), null);
    }
    assert.equal(elicitation({ ...page, url: null }), null);
  });

  it("answers with the content of the form", () => {
    const { decide } = elicitation(params)!;
    const content = { name: "Bob", tags: ["a"] };
    assert.deepEqual(decide({ action: "accept", content })!.result, {
      action: "accept",
      content,
      _meta: null,
    });
    assert.deepEqual(decide({ action: "accept" })!.result, { action: "accept", ...bare });
  });

  it("answers without content elsewhere", () => {
    const { decide } = elicitation(page)!;
    const content = { name: "Bob" };
    for (const action of ["accept", "decline", "cancel"]) {
      assert.deepEqual(decide({ action, content })!.result, { action, ...bare });
    }
    const declined = elicitation(params)!.decide({ action: "decline", content });
    assert.deepEqual(declined!.result, { action: "decline", ...bare });
  });

  it("takes nothing else for an answer", () => {
    const { decide } = elicitation(params)!;
    for (const answer of ["accept", {}, { action: "maybe" }, { action: "accept", content: [] }]) {
      assert.equal(decide(answer), null);
    }
    const round: Record<string, unknown> = {};
    round.self = round;
    assert.throws(() => decide({ action: "accept", content: round }));
  });
});
