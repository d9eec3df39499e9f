import type { UserInputRequest, UserQuestion } from "../approvals.ts";
import type { Question } from "./question.ts";
import { objectsOf, textOrNull, textsOrNull, turnRequest } from "./turn_request.ts";
import { isObject, type WireObject } from "./wire_shape.ts";

/** `item/tool/requestUserInput` */
export function userInput(params: WireObject): Question {
  const request: UserInputRequest = {
    ...turnRequest(params),
    questions: objectsOf(params.questions).map(toQuestion),
  };
  const ids = new Set(request.questions.map(({ id }) => id));
  return {
    handler: "onUserInput",
    request,
    decide(answers) {
      if (!isObject(answers)) return null;
      const entries = Object.entries(answers).map(([id, texts]) => [id, textsOrNull(texts)]);
      const isAnswer = entries.every(([id, texts]) => ids.has(id as string) && texts !== null);
      if (!isAnswer) return null;
      const told = entries.map(([id, texts]) => [id, { answers: texts }]);
      return { result: { answers: Object.fromEntries(told) } };
    },
  };
}

function toQuestion(question: WireObject): UserQuestion {
  return {
    id: textOrNull(question.id) ?? "",
    header: textOrNull(question.header) ?? "",
    question: textOrNull(question.question) ?? "",
    options: objectsOf(question.options).map((option) => ({
      label: textOrNull(option.label) ?? "",
      description: textOrNull(option.description) ?? "",
    })),
    allowsOther: question.isOther === true,
    isSecret: question.isSecret === true,
  };
}
