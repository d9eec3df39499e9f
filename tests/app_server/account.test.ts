import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Account, type PendingLogin } from "../../src/app_server/account.ts";
import { Codex } from "../../src/codex.ts";
import { AbortError, ConnectionError, LoginError, RpcError } from "../../src/errors.ts";
import { type MemoryServer, MemoryStage, quiet } from "../support/memory_server.ts";
import { Outcome } from "../support/outcome.ts";

const browser = { type: "chatgpt", loginId: "l1", authUrl: "https://auth.example/l1" };
const device = {
  type: "chatgptDeviceCode",
  loginId: "l1",
  verificationUrl: "https://auth.example/device",
  userCode: "ABCD-1234",
};

/** An account on a server in memory, and what is left afterwards. */
async function withAccount(
  onServer: (server: MemoryServer) => unknown,
  test: (account: Account, stage: MemoryStage) => Promise<void>,
): Promise<void> {
  const stage = new MemoryStage({ onServer });
  const codex = new Codex({ ...stage.codexOptions, transport: () => stage.transport });
  await test(new Account(codex), stage);
  // Whoever listens would keep the server.
  await stage.clock.advance(10_000);
  assert.equal(stage.servers.filter((server) => !server.isOver).length, 0, "somebody listens");
  await codex.close();
  assert.equal(stage.clock.pending, 0, "timers are left");
}

const begins = (answer: unknown) => (server: MemoryServer) =>
  server.on("account/login/start", (asked) => asked.answer(answer));

function ends(server: MemoryServer, end: Record<string, unknown>): void {
  server.notify("account/login/completed", { error: null, ...end });
}

describe("Account", () => {
  it("tells who is logged in and how much is used, and logs out", async () => {
    await withAccount(
      (server) => server.on("account/read", (asked) => asked.answer({ account: null })),
      async (account, stage) => {
        assert.deepEqual(await account.read(), { account: null });
        await account.rateLimits();
        await account.logout();
        assert.deepEqual(stage.server.calls, [
          "account/read",
          "account/rateLimits/read",
          "account/logout",
        ]);
        // Without `params` codex refuses a request.
        for (const { params } of stage.server.asked("account/logout")) assert.deepEqual(params, {});
      },
    );
  });

  it("logs in with a key", async () => {
    await withAccount(begins({ type: "apiKey" }), async (account, stage) => {
      await account.loginWithApiKey("sk-test");
      assert.deepEqual(stage.server.asked("account/login/start")[0]!.params, {
        type: "apiKey",
        apiKey: "sk-test",
      });
    });
  });
});

const ways: [
  name: string,
  answer: typeof browser | typeof device,
  begin: (
    account: Account,
  ) => Promise<PendingLogin>,
][] = [
  ["Account.loginWithBrowser()", browser, (account) => account.loginWithBrowser()],
  ["Account.loginWithDeviceCode()", device, (account) => account.loginWithDeviceCode()],
];

for (const [name, answer, begin] of ways) {
  describe(name, () => {
    it("says what the user has to do, and resolves when that is done", async () => {
      await withAccount(begins(answer), async (account, stage) => {
        const login = await begin(account);
        const { type, loginId: _, ...told } = answer;
        const { completed, cancel: __, ...shown } = login;
        assert.deepEqual(shown, told);
        assert.deepEqual(stage.server.asked("account/login/start")[0]!.params, { type });
        const outcome = new Outcome(completed);
        ends(stage.server, { loginId: "another", success: true });
        await quiet();
        assert.equal(outcome.state, "pending");
        ends(stage.server, { loginId: "l1", success: true });
        await quiet();
        assert.equal(outcome.state, "resolved");
      });
    });

    it("hears an end that is told before it is known which login it is", async () => {
      await withAccount((server) =>
        server.on("account/login/start", (asked) => {
          ends(server, { loginId: "another", success: false });
          ends(server, { loginId: "l1", success: true });
          asked.answer(answer);
        }), async (account) => await (await begin(account)).completed);
    });

    it("rejects with the reason when it fails", async () => {
      await withAccount(begins(answer), async (account, stage) => {
        const { completed } = await begin(account);
        ends(stage.server, { loginId: "l1", success: false, error: "denied" });
        await assert.rejects(completed, (error) => {
          assert.ok(LoginError.is(error));
          assert.equal(error.message, "The login failed: denied");
          return true;
        });
      });
    });

    it("can be cancelled", async () => {
      await withAccount(begins(answer), async (account, stage) => {
        const { completed, cancel } = await begin(account);
        await cancel();
        await assert.rejects(completed, AbortError);
        assert.deepEqual(stage.server.asked("account/login/cancel")[0]!.params, { loginId: "l1" });
      });
    });

    it("rejects when the server is lost", async () => {
      await withAccount(begins(answer), async (account, stage) => {
        const { completed } = await begin(account);
        stage.server.die();
        await assert.rejects(completed, ConnectionError);
        const next = new Outcome(account.read());
        await stage.clock.advance(1000);
        assert.equal(next.state, "resolved");
      });
    });

    it("need not be waited for", async () => {
      await withAccount(begins(answer), async (account, stage) => {
        await begin(account);
        ends(stage.server, { loginId: "l1", success: false, error: "denied" });
        await quiet();
      });
    });

    it("shows no secret of the reason", async () => {
      await withAccount(begins(answer), async (account, stage) => {
        const { completed } = await begin(account);
        const error = "401 for sk-0123456789";
        ends(stage.server, { loginId: "l1", success: false, error });
        await assert.rejects(completed, /: 401 for \[redacted\]$/);
      });
    });

    it("rejects when codex refuses to begin, or begins something else", async () => {
      await withAccount(
        (server) => server.on("account/login/start", (asked) => asked.refuse("no")),
        (account) => assert.rejects(begin(account), RpcError),
      );
      await withAccount(
        begins({ type: "apiKey" }),
        (account) => assert.rejects(begin(account), LoginError),
      );
    });
  });
}
