/** What became of a promise. */
export class Outcome {
  state: "pending" | "resolved" | "rejected" = "pending";
  /** What it resolved with. */
  value: unknown;
  /** What it rejected with. */
  error: unknown;

  constructor(promise: Promise<unknown>) {
    promise.then((value) => {
      this.state = "resolved";
      this.value = value;
    }, (error) => {
      this.state = "rejected";
      this.error = error;
    });
  }
}
