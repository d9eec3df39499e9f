import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { grantedPart } from "../../src/app_server/permission_grants.ts";
import { json } from "../support/arbitraries.ts";
import { askedPermissions } from "../support/server_requests_stage.ts";

const deny = { path: { type: "path", path: "/srv/a/secret" }, access: "deny" };
const [readEtc, writeA, writeB] = askedPermissions.fileSystem.entries;

describe("grantedPart()", () => {
  it("grants some of what was asked for", () => {
    const parts = [
      {},
      { network: { enabled: true } },
      { fileSystem: { read: ["/etc"] } },
      { fileSystem: { write: ["/srv/b"], entries: [writeB] } },
      { fileSystem: { read: null, write: [], entries: [readEtc, writeA] } },
      askedPermissions,
    ];
    for (const part of parts) assert.deepEqual(grantedPart(askedPermissions, part), part);
  });

  it("leaves out what is null, which stands for nothing", () => {
    assert.deepEqual(grantedPart(askedPermissions, { network: null, fileSystem: undefined }), {});
  });

  it("refuses more than was asked for", () => {
    const more = [
      { fileSystem: { write: ["/"] } },
      { fileSystem: { write: ["/srv/a", "/srv/c"] } },
      { fileSystem: { write: ["/etc"] } },
      { fileSystem: { entries: [{ ...readEtc, access: "write" }] } },
      { fileSystem: { entries: [{ ...readEtc, more: true }] } },
      { fileSystem: ["/srv/a"] },
      { fileSystem: "all" },
      { everything: true },
      { network: { enabled: true, hosts: ["*"] } },
      { constructor: {} },
      JSON.parse('{"__proto__":{"network":{"enabled":true}}}'),
      "all",
      null,
      [],
    ];
    for (const grant of more) assert.equal(grantedPart(askedPermissions, grant), null);
    assert.equal(grantedPart({ network: null }, { network: { enabled: true } }), null);
    assert.equal(
      grantedPart({ network: { enabled: false } }, { network: { enabled: true } }),
      null,
    );
    assert.equal(grantedPart({}, askedPermissions), null);
  });

  it("keeps what restricts", () => {
    const fileSystem = {
      read: null,
      write: ["/srv/a"],
      entries: [writeA, deny],
      globScanMaxDepth: 3,
    };
    const asked = { network: { enabled: true }, fileSystem };
    assert.equal(grantedPart(asked, { fileSystem: { write: ["/srv/a"] } }), null);
    assert.equal(grantedPart(asked, { fileSystem: { entries: [writeA, deny] } }), null);
    assert.equal(
      grantedPart(asked, { fileSystem: { entries: [writeA], globScanMaxDepth: 3 } }),
      null,
    );
    const kept = { fileSystem: { entries: [deny, writeA], globScanMaxDepth: 3 } };
    assert.deepEqual(grantedPart(asked, kept), kept);
    assert.deepEqual(grantedPart(asked, { network: { enabled: true } }), {
      network: { enabled: true },
    });
  });

  it("keeps what a newer codex adds, of which nobody knows what it does", () => {
    const asked = { network: { enabled: true }, except: ["example.com"] };
    assert.equal(grantedPart(asked, { network: { enabled: true } }), null);
    assert.deepEqual(grantedPart(asked, asked), asked);
    assert.deepEqual(grantedPart(asked, {}), {});
  });

  it("grants all of anything, and only what was there", () => {
    const object = fc.dictionary(fc.string(), json);
    fc.assert(fc.property(object, json, (asked, grant) => {
      assert.notEqual(grantedPart(asked, asked), null);
      const part = grantedPart(asked, grant);
      for (const key of Object.keys(part ?? {})) assert.ok(Object.hasOwn(asked, key));
    }));
  });
});
