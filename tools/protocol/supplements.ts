import type { Supplements } from "./methods.ts";

/** For the requests of a client. */
export const clientRequests: Supplements = {
  results: {
    "account/gatewayOAuth/cancel": "GatewayOAuthCancelResponse",
    "account/logout": "LogoutAccountResponse",
    "account/securitySetup/read": "GetAccountSecuritySetupResponse",
    "account/workspaceMessages/read": "GetWorkspaceMessagesResponse",
    "accountSession/list": "AccountSessionsResponse",
    "config/batchWrite": "ConfigWriteResponse",
    "config/mcpServer/reload": "McpServerRefreshResponse",
    "config/value/write": "ConfigWriteResponse",
    "configRequirements/read": "ConfigRequirementsReadResponse",
    "externalAgentConfig/import/readHistories": "ExternalAgentConfigImportHistoriesReadResponse",
    "memory/reset": "MemoryResetResponse",
    "remoteControl/status/read": "RemoteControlStatusReadResponse",
    "rollout/compress": "RolloutCompressResponse",
    "windowsSandbox/readiness": "WindowsSandboxReadinessResponse",
  },
  // What remains of the first version of the protocol; their types are in no schema.
  unlisted: { getAuthStatus: {}, getConversationSummary: {}, gitDiffToRemote: {} },
};

/** For the notifications of the server. */
export const serverNotifications: Supplements = {
  results: {},
  unlisted: {
    "rawResponse/completed": { params: "RawResponseCompletedNotification" },
    "rawResponseItem/completed": { params: "RawResponseItemCompletedNotification" },
  },
};

/** Where the schema says all there is to know. */
export const none: Supplements = { results: {}, unlisted: {} };
