import type { PrivateFile, Runtime } from "./types.ts";

/** How the folder of a private file is removed. */
export interface FolderRemoval {
  /** Removes the folder and what is in it. */
  remove(): Promise<void>;
  /** The same, for when the host exits and nothing can be waited for. */
  removeSync(): void;
}

/** A {@linkcode PrivateFile} whose folder goes with `remove()`, or else when the host exits. */
export function privateFile(
  path: string,
  folder: FolderRemoval,
  onHostExit: Runtime["onHostExit"],
): PrivateFile {
  const forget = onHostExit(() => {
    try {
      folder.removeSync();
    } catch {
      // Gone already, or not to be removed: nobody is left to tell.
    }
  });
  let removal: Promise<void> | undefined;
  return {
    path,
    remove: () => removal ??= folder.remove().then(forget, () => {}),
  };
}
