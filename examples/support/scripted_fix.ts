import {
  applyPatch,
  message,
  type ModelRequest,
  reasoning,
  type Script,
  shell,
  toolOutputs,
  turn,
  updatePlan,
} from "../../src/testing/mod.ts";

const steps = ["Find out why the test fails", "Fix the program", "Run the test again"];

/** The plan with so many steps done. */
function planAt(done: number): ReturnType<typeof updatePlan> {
  return updatePlan(steps.map((step, index) => ({
    step,
    status: index < done ? "completed" : index === done ? "in_progress" : "pending",
  })));
}

/** What a model might do to make the test of the scratch repository pass. */
export const scriptedFix: Script = [
  turn(reasoning("Looking around"), planAt(0), shell("cat total.sh; sh test.sh")),
  turn(
    reasoning("It subtracts instead of adding"),
    planAt(1),
    applyPatch(`*** Begin Patch
*** Update File: total.sh
@@
-  total=$((total - number))
+  total=$((total + number))
*** End Patch`),
  ),
  turn(planAt(2), shell("sh test.sh", {}, { callId: "call_test" })),
  (request) => planAt(passes(request) ? 3 : 2),
  (request) =>
    message(
      passes(request)
        ? "total.sh subtracted its arguments. It adds them now, and the test passes."
        : "The test still fails.",
    ),
];

function passes(request: ModelRequest): boolean {
  return toolOutputs(request).get("call_test")?.includes("ok") ?? false;
}
