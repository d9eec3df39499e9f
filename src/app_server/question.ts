import type {
  ApprovalRequest,
  ElicitationRequest,
  RequestContext,
  UserInputRequest,
} from "../approvals.ts";
import type { WireObject } from "./wire_shape.ts";

/** What is answered to the app-server. */
export type Decided = {
  /** The result. */
  result: WireObject;
  /** Whether the turn is to be interrupted besides, where codex takes the answer for a mere no. */
  interrupts?: boolean;
};

/** A request of the app-server as the user is asked, and how the user's answer is told. */
export type Question = {
  /** The handler it is for. */
  handler: "onApproval" | "onUserInput" | "onElicitation";
  /** As the user is asked. */
  request: ApprovalRequest | UserInputRequest | ElicitationRequest;
  /** What an answer means; `null` when it is none to this question. May throw. */
  decide(answer: unknown): Decided | null;
};

/** A handler, whichever of them. */
export type AnyHandler = (request: Question["request"], context: RequestContext) => unknown;
