import { deferred } from "../deferred.ts";
import { AbortError, LoginError } from "../errors.ts";
import type { ClientResult, NotificationParams } from "./protocol/mod.ts";
import type { Requester } from "./requester.ts";

/** A login that waits for the user. */
export type PendingLogin = {
  /** Resolves when the user has logged in. Rejects when that failed, or was cancelled. */
  completed: Promise<void>;
  /** Gives the login up. */
  cancel(): Promise<void>;
};

/** A login in a browser on this machine. */
export type BrowserLogin = PendingLogin & {
  /** The page the user has to visit. */
  authUrl: string;
};

/** A login in a browser on any machine. */
export type DeviceLogin = PendingLogin & {
  /** The page the user has to visit. */
  verificationUrl: string;
  /** What the user has to enter there. */
  userCode: string;
};

/** Who codex is logged in as; `account` is `null` when nobody is. */
export type AccountStatus = ClientResult<"account/read">;

/** How much of the account's allowance is used. */
export type RateLimits = ClientResult<"account/rateLimits/read">;

/**
 * Logging in and out.
 *
 * **Codex keeps a login in `$CODEX_HOME/auth.json`**, for every codex of the user, in place of the
 * one before. A key that is only for this program is better given as `apiKey` to the `Codex`: that
 * one stays in memory.
 *
 * @example
 * ```ts
 * import { Codex } from "jsr:@codex/sdk";
 * import { Account, appServer } from "jsr:@codex/sdk/app-server";
 *
 * const codex = new Codex({ transport: appServer() });
 * const account = new Account(codex);
 * const login = await account.loginWithDeviceCode();
 * console.log(`Visit ${login.verificationUrl} and enter ${login.userCode}`);
 * await login.completed;
 * await codex.close();
 * ```
 */
export class Account {
  readonly #codex: Requester;

  /** `codex` has to be on the app-server lane. */
  constructor(codex: Requester) {
    this.#codex = codex;
  }

  /** Who is logged in. */
  read(): Promise<AccountStatus> {
    return this.#codex.request("account/read", {});
  }

  /** How much is used. Rejects with an `RpcError` without a ChatGPT login. */
  rateLimits(): Promise<RateLimits> {
    return this.#codex.request("account/rateLimits/read", undefined);
  }

  /** Logs in with an API key. */
  async loginWithApiKey(apiKey: string): Promise<void> {
    await this.#codex.request("account/login/start", { type: "apiKey", apiKey });
  }

  /** Begins a ChatGPT login in a browser on this machine. */
  async loginWithBrowser(): Promise<BrowserLogin> {
    const pending = await this.#watch();
    return await pending.start(async () => {
      const answer = await this.#codex.request("account/login/start", { type: "chatgpt" });
      if (answer.type !== "chatgpt") throw unexpected(answer.type);
      return { loginId: answer.loginId, told: { authUrl: answer.authUrl } };
    });
  }

  /** Begins a ChatGPT login in a browser on any machine. */
  async loginWithDeviceCode(): Promise<DeviceLogin> {
    const pending = await this.#watch();
    return await pending.start(async () => {
      const answer = await this.#codex.request("account/login/start", {
        type: "chatgptDeviceCode",
      });
      if (answer.type !== "chatgptDeviceCode") throw unexpected(answer.type);
      const { loginId, verificationUrl, userCode } = answer;
      return { loginId, told: { verificationUrl, userCode } };
    });
  }

  /** Logs out: codex forgets the login it has kept. */
  async logout(): Promise<void> {
    await this.#codex.request("account/logout", undefined);
  }

  /** Listens before the login is begun: its end may be told at any moment. */
  async #watch(): Promise<LoginWatch> {
    const watch = new LoginWatch(this.#codex);
    await watch.listen();
    return watch;
  }
}

const longestReason = 2000;

/** Waits for the end of one login. */
class LoginWatch {
  readonly #codex: Requester;
  readonly #done = deferred();
  #loginId: string | null = null;
  /** Ends that were told before it was known which login is ours. */
  #early: NotificationParams<"account/login/completed">[] = [];
  #stop: () => void = () => {};

  constructor(codex: Requester) {
    this.#codex = codex;
    // Who does not wait for the end need not hear of it.
    this.#done.promise.catch(() => {});
  }

  async listen(): Promise<void> {
    this.#stop = await this.#codex.onNotification((method, params, redact) => {
      if (method !== "account/login/completed") return;
      const told = params as NotificationParams<"account/login/completed">;
      const end = { ...told, error: told.error && redact(told.error).slice(0, longestReason) };
      if (this.#loginId === null) this.#early.push(end);
      else this.#hear(end);
    }, (error) => {
      this.#stop();
      this.#done.reject(error);
    });
  }

  async start<T>(
    begin: () => Promise<{ loginId: string; told: T }>,
  ): Promise<T & PendingLogin> {
    try {
      const { loginId, told } = await begin();
      this.#loginId = loginId;
      for (const end of this.#early.splice(0)) this.#hear(end);
      return { ...told, completed: this.#done.promise, cancel: () => this.#cancel(loginId) };
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  #hear({ loginId, success, error }: NotificationParams<"account/login/completed">): void {
    if (loginId !== null && loginId !== undefined && loginId !== this.#loginId) return;
    this.#stop();
    if (success) this.#done.resolve();
    else this.#done.reject(new LoginError(`The login failed: ${error ?? "no reason given"}`));
  }

  async #cancel(loginId: string): Promise<void> {
    this.#done.reject(new AbortError(new Error("The login was cancelled")));
    this.#stop();
    await this.#codex.request("account/login/cancel", { loginId });
  }
}

function unexpected(type: string): LoginError {
  return new LoginError(`The login failed: codex began one of another kind, "${type}"`);
}
