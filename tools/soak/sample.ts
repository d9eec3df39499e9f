/** What a program holds at one moment, when none of its turns runs. */
export type Sample = {
  /** How many turns have ended. */
  turns: number;
  /** Milliseconds since the first sample. */
  ms: number;
  /** Resident memory. */
  rssBytes: number;
  /** What the engine's heap holds after a collection. */
  heapBytes: number;
  /** Open file descriptors. */
  descriptors: number;
  /** Children, zombies included, and whatever else was started for a turn. */
  processes: number;
  /** The SDK's files and folders in the temporary folder. */
  temporaryFiles: number;
  /** Listeners on the process and on a signal that the turns share. */
  listeners: number;
};

/** What a program is made to hold on to, to prove that it would be noticed. */
export type Leak =
  /** 64 KiB a turn. */
  | "memory"
  /** A listener, a descriptor, a temporary folder and a process for each sample. */
  | "handles";

/** What was seen of a program. */
export type SoakRun = {
  runtime: string;
  codex: "fake" | "real";
  leak: Leak | null;
  /** The first one was taken before the turns that count; all of them between turns. */
  samples: Sample[];
  /** How many turns ended in which way. */
  endings: Record<string, number>;
  /** What went otherwise than it should. */
  surprises: string[];
};
