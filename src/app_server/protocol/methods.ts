// Made of the JSON Schema of codex 0.169.0 by `deno task protocol`: not to be edited.
import type * as types from "./types.ts";

/** What the server can be asked: params and result by method. @internal */
export type ClientRequests = {
  "account/bedrock/checkGovCloudRequirements": {
    params: types.BedrockCheckGovCloudRequirementsParams;
    result: types.BedrockCheckGovCloudRequirementsResponse;
  };
  "account/bedrock/discover": {
    params: types.BedrockDiscoverParams;
    result: types.BedrockDiscoverResponse;
  };
  "account/bedrock/setup": {
    params: types.BedrockSetupParams;
    result: types.BedrockSetupResponse;
  };
  "account/gatewayOAuth/cancel": {
    params?: { [key: string]: never } | null;
    result: types.GatewayOAuthCancelResponse;
  };
  "account/gatewayOAuth/login": {
    params?: types.GatewayOAuthLoginParams | null;
    result: types.GatewayOAuthLoginResponse;
  };
  "account/gatewayOAuth/read": {
    params?: types.GatewayOAuthReadParams | null;
    result: types.GatewayOAuthReadResponse;
  };
  "account/gcp/setup": {
    params: types.GcpSetupParams;
    result: types.GcpSetupResponse;
  };
  "account/login/cancel": {
    params: types.CancelLoginAccountParams;
    result: types.CancelLoginAccountResponse;
  };
  "account/login/start": {
    params: types.LoginAccountParams;
    result: types.LoginAccountResponse;
  };
  "account/logout": {
    params?: { [key: string]: never } | null;
    result: types.LogoutAccountResponse;
  };
  "account/rateLimitResetCredit/consume": {
    params: types.ConsumeAccountRateLimitResetCreditParams;
    result: types.ConsumeAccountRateLimitResetCreditResponse;
  };
  "account/rateLimits/read": {
    params?: types.GetAccountRateLimitsParams | null;
    result: types.GetAccountRateLimitsResponse;
  };
  "account/read": {
    params: types.GetAccountParams;
    result: types.GetAccountResponse;
  };
  "account/securitySetup/read": {
    params?: { [key: string]: never } | null;
    result: types.GetAccountSecuritySetupResponse;
  };
  "account/sendAddCreditsNudgeEmail": {
    params: types.SendAddCreditsNudgeEmailParams;
    result: types.SendAddCreditsNudgeEmailResponse;
  };
  "account/usage/read": {
    params?: types.GetAccountTokenUsageParams | null;
    result: types.GetAccountTokenUsageResponse;
  };
  "account/workspaceMessages/read": {
    params?: { [key: string]: never } | null;
    result: types.GetWorkspaceMessagesResponse;
  };
  "accountSession/list": {
    params: types.AccountSessionsListParams;
    result: types.AccountSessionsResponse;
  };
  "accountSession/switch": {
    params: types.AccountSessionsSwitchParams;
    result: types.AccountSessionsSwitchResponse;
  };
  "app/installed": {
    params: types.AppsInstalledParams;
    result: types.AppsInstalledResponse;
  };
  "app/list": {
    params: types.AppsListParams;
    result: types.AppsListResponse;
  };
  "app/read": {
    params: types.AppsReadParams;
    result: types.AppsReadResponse;
  };
  "collaborationMode/list": {
    params: types.CollaborationModeListParams;
    result: types.CollaborationModeListResponse;
  };
  "command/exec": {
    params: types.CommandExecParams;
    result: types.CommandExecResponse;
  };
  "command/exec/resize": {
    params: types.CommandExecResizeParams;
    result: types.CommandExecResizeResponse;
  };
  "command/exec/terminate": {
    params: types.CommandExecTerminateParams;
    result: types.CommandExecTerminateResponse;
  };
  "command/exec/write": {
    params: types.CommandExecWriteParams;
    result: types.CommandExecWriteResponse;
  };
  "config/batchWrite": {
    params: types.ConfigBatchWriteParams;
    result: types.ConfigWriteResponse;
  };
  "config/mcpServer/reload": {
    params?: { [key: string]: never } | null;
    result: types.McpServerRefreshResponse;
  };
  "config/read": {
    params: types.ConfigReadParams;
    result: types.ConfigReadResponse;
  };
  "config/value/write": {
    params: types.ConfigValueWriteParams;
    result: types.ConfigWriteResponse;
  };
  "configRequirements/read": {
    params?: { [key: string]: never } | null;
    result: types.ConfigRequirementsReadResponse;
  };
  "environment/add": {
    params: types.EnvironmentAddParams;
    result: types.EnvironmentAddResponse;
  };
  "environment/info": {
    params: types.EnvironmentInfoParams;
    result: types.EnvironmentInfoResponse;
  };
  "environment/status": {
    params: types.EnvironmentStatusParams;
    result: types.EnvironmentStatusResponse;
  };
  "experimentalFeature/enablement/set": {
    params: types.ExperimentalFeatureEnablementSetParams;
    result: types.ExperimentalFeatureEnablementSetResponse;
  };
  "experimentalFeature/list": {
    params: types.ExperimentalFeatureListParams;
    result: types.ExperimentalFeatureListResponse;
  };
  "externalAgentConfig/detect": {
    params: types.ExternalAgentConfigDetectParams;
    result: types.ExternalAgentConfigDetectResponse;
  };
  "externalAgentConfig/import": {
    params: types.ExternalAgentConfigImportParams;
    result: types.ExternalAgentConfigImportResponse;
  };
  "externalAgentConfig/import/readHistories": {
    params?: { [key: string]: never } | null;
    result: types.ExternalAgentConfigImportHistoriesReadResponse;
  };
  "externalAgentConfig/import/recordHistory": {
    params: types.ExternalAgentConfigImportHistoryRecordParams;
    result: types.ExternalAgentConfigImportHistoryRecordResponse;
  };
  "feedback/save": {
    params: types.FeedbackSaveParams;
    result: types.FeedbackSaveResponse;
  };
  "feedback/upload": {
    params: types.FeedbackUploadParams;
    result: types.FeedbackUploadResponse;
  };
  "fs/copy": {
    params: types.FsCopyParams;
    result: types.FsCopyResponse;
  };
  "fs/createDirectory": {
    params: types.FsCreateDirectoryParams;
    result: types.FsCreateDirectoryResponse;
  };
  "fs/getMetadata": {
    params: types.FsGetMetadataParams;
    result: types.FsGetMetadataResponse;
  };
  "fs/readDirectory": {
    params: types.FsReadDirectoryParams;
    result: types.FsReadDirectoryResponse;
  };
  "fs/readFile": {
    params: types.FsReadFileParams;
    result: types.FsReadFileResponse;
  };
  "fs/remove": {
    params: types.FsRemoveParams;
    result: types.FsRemoveResponse;
  };
  "fs/unwatch": {
    params: types.FsUnwatchParams;
    result: types.FsUnwatchResponse;
  };
  "fs/watch": {
    params: types.FsWatchParams;
    result: types.FsWatchResponse;
  };
  "fs/writeFile": {
    params: types.FsWriteFileParams;
    result: types.FsWriteFileResponse;
  };
  fuzzyFileSearch: {
    params: types.FuzzyFileSearchParams;
    result: types.FuzzyFileSearchResponse;
  };
  "fuzzyFileSearch/sessionStart": {
    params: types.FuzzyFileSearchSessionStartParams;
    result: types.FuzzyFileSearchSessionStartResponse;
  };
  "fuzzyFileSearch/sessionStop": {
    params: types.FuzzyFileSearchSessionStopParams;
    result: types.FuzzyFileSearchSessionStopResponse;
  };
  "fuzzyFileSearch/sessionUpdate": {
    params: types.FuzzyFileSearchSessionUpdateParams;
    result: types.FuzzyFileSearchSessionUpdateResponse;
  };
  getAuthStatus: {
    params: { [key: string]: unknown };
    result: unknown;
  };
  getConversationSummary: {
    params: { [key: string]: unknown };
    result: unknown;
  };
  gitDiffToRemote: {
    params: { [key: string]: unknown };
    result: unknown;
  };
  "hooks/list": {
    params: types.HooksListParams;
    result: types.HooksListResponse;
  };
  initialize: {
    params: types.InitializeParams;
    result: types.InitializeResponse;
  };
  "marketplace/add": {
    params: types.MarketplaceAddParams;
    result: types.MarketplaceAddResponse;
  };
  "marketplace/remove": {
    params: types.MarketplaceRemoveParams;
    result: types.MarketplaceRemoveResponse;
  };
  "marketplace/upgrade": {
    params: types.MarketplaceUpgradeParams;
    result: types.MarketplaceUpgradeResponse;
  };
  "mcpServer/event/stream/start": {
    params: types.McpServerEventStreamStartParams;
    result: types.McpServerEventStreamStartResponse;
  };
  "mcpServer/event/stream/stop": {
    params: types.McpServerEventStreamStopParams;
    result: types.McpServerEventStreamStopResponse;
  };
  "mcpServer/oauth/login": {
    params: types.McpServerOauthLoginParams;
    result: types.McpServerOauthLoginResponse;
  };
  "mcpServer/resource/read": {
    params: types.McpResourceReadParams;
    result: types.McpResourceReadResponse;
  };
  "mcpServer/tool/call": {
    params: types.McpServerToolCallParams;
    result: types.McpServerToolCallResponse;
  };
  "mcpServerStatus/list": {
    params: types.ListMcpServerStatusParams;
    result: types.ListMcpServerStatusResponse;
  };
  "memory/reset": {
    params?: { [key: string]: never } | null;
    result: types.MemoryResetResponse;
  };
  "memory/status": {
    params: types.MemoryStatusParams;
    result: types.MemoryStatusResponse;
  };
  "mock/experimentalMethod": {
    params: types.MockExperimentalMethodParams;
    result: types.MockExperimentalMethodResponse;
  };
  "model/list": {
    params: types.ModelListParams;
    result: types.ModelListResponse;
  };
  "modelProvider/capabilities/read": {
    params: types.ModelProviderCapabilitiesReadParams;
    result: types.ModelProviderCapabilitiesReadResponse;
  };
  "modelProvider/config/write": {
    params: types.ModelProviderConfigWriteParams;
    result: types.ModelProviderConfigWriteResponse;
  };
  "modelProvider/list": {
    params: types.ModelProviderListParams;
    result: types.ModelProviderListResponse;
  };
  "permissionProfile/list": {
    params: types.PermissionProfileListParams;
    result: types.PermissionProfileListResponse;
  };
  "plugin/install": {
    params: types.PluginInstallParams;
    result: types.PluginInstallResponse;
  };
  "plugin/installed": {
    params: types.PluginInstalledParams;
    result: types.PluginInstalledResponse;
  };
  "plugin/list": {
    params: types.PluginListParams;
    result: types.PluginListResponse;
  };
  "plugin/read": {
    params: types.PluginReadParams;
    result: types.PluginReadResponse;
  };
  "plugin/reconcile": {
    params: types.PluginReconcileParams;
    result: types.PluginReconcileResponse;
  };
  "plugin/search": {
    params: types.PluginSearchParams;
    result: types.PluginSearchResponse;
  };
  "plugin/share/checkout": {
    params: types.PluginShareCheckoutParams;
    result: types.PluginShareCheckoutResponse;
  };
  "plugin/share/delete": {
    params: types.PluginShareDeleteParams;
    result: types.PluginShareDeleteResponse;
  };
  "plugin/share/list": {
    params: types.PluginShareListParams;
    result: types.PluginShareListResponse;
  };
  "plugin/share/save": {
    params: types.PluginShareSaveParams;
    result: types.PluginShareSaveResponse;
  };
  "plugin/share/updateTargets": {
    params: types.PluginShareUpdateTargetsParams;
    result: types.PluginShareUpdateTargetsResponse;
  };
  "plugin/skill/read": {
    params: types.PluginSkillReadParams;
    result: types.PluginSkillReadResponse;
  };
  "plugin/uninstall": {
    params: types.PluginUninstallParams;
    result: types.PluginUninstallResponse;
  };
  "process/kill": {
    params: types.ProcessKillParams;
    result: types.ProcessKillResponse;
  };
  "process/resizePty": {
    params: types.ProcessResizePtyParams;
    result: types.ProcessResizePtyResponse;
  };
  "process/spawn": {
    params: types.ProcessSpawnParams;
    result: types.ProcessSpawnResponse;
  };
  "process/writeStdin": {
    params: types.ProcessWriteStdinParams;
    result: types.ProcessWriteStdinResponse;
  };
  "project/create": {
    params: types.ProjectCreateParams;
    result: types.ProjectCreateResponse;
  };
  "project/delete": {
    params: types.ProjectDeleteParams;
    result: types.ProjectDeleteResponse;
  };
  "project/import": {
    params: types.ProjectImportParams;
    result: types.ProjectImportResponse;
  };
  "project/list": {
    params: types.ProjectListParams;
    result: types.ProjectListResponse;
  };
  "project/move": {
    params: types.ProjectMoveParams;
    result: types.ProjectMoveResponse;
  };
  "project/read": {
    params: types.ProjectReadParams;
    result: types.ProjectReadResponse;
  };
  "project/update": {
    params: types.ProjectUpdateParams;
    result: types.ProjectUpdateResponse;
  };
  "remoteControl/client/list": {
    params: types.RemoteControlClientsListParams;
    result: types.RemoteControlClientsListResponse;
  };
  "remoteControl/client/revoke": {
    params: types.RemoteControlClientsRevokeParams;
    result: types.RemoteControlClientsRevokeResponse;
  };
  "remoteControl/disable": {
    params?: types.RemoteControlDisableParams | null;
    result: types.RemoteControlDisableResponse;
  };
  "remoteControl/enable": {
    params?: types.RemoteControlEnableParams | null;
    result: types.RemoteControlEnableResponse;
  };
  "remoteControl/pairing/start": {
    params: types.RemoteControlPairingStartParams;
    result: types.RemoteControlPairingStartResponse;
  };
  "remoteControl/pairing/status": {
    params: types.RemoteControlPairingStatusParams;
    result: types.RemoteControlPairingStatusResponse;
  };
  "remoteControl/status/read": {
    params?: { [key: string]: never } | null;
    result: types.RemoteControlStatusReadResponse;
  };
  "review/start": {
    params: types.ReviewStartParams;
    result: types.ReviewStartResponse;
  };
  "rollout/compress": {
    params?: { [key: string]: never } | null;
    result: types.RolloutCompressResponse;
  };
  "server/diagnostics": {
    params: types.ServerDiagnosticsParams;
    result: types.ServerDiagnosticsResponse;
  };
  "skills/config/write": {
    params: types.SkillsConfigWriteParams;
    result: types.SkillsConfigWriteResponse;
  };
  "skills/extraRoots/set": {
    params: types.SkillsExtraRootsSetParams;
    result: types.SkillsExtraRootsSetResponse;
  };
  "skills/list": {
    params: types.SkillsListParams;
    result: types.SkillsListResponse;
  };
  "thread/approveGuardianDeniedAction": {
    params: types.ThreadApproveGuardianDeniedActionParams;
    result: types.ThreadApproveGuardianDeniedActionResponse;
  };
  "thread/archive": {
    params: types.ThreadArchiveParams;
    result: types.ThreadArchiveResponse;
  };
  "thread/attachment/add": {
    params: types.ThreadAttachmentAddParams;
    result: types.ThreadAttachmentAddResponse;
  };
  "thread/attachment/list": {
    params: types.ThreadAttachmentListParams;
    result: types.ThreadAttachmentListResponse;
  };
  "thread/attachment/remove": {
    params: types.ThreadAttachmentRemoveParams;
    result: types.ThreadAttachmentRemoveResponse;
  };
  "thread/attachmentOwner/list": {
    params: types.ThreadAttachmentOwnerListParams;
    result: types.ThreadAttachmentOwnerListResponse;
  };
  "thread/backgroundTerminals/clean": {
    params: types.ThreadBackgroundTerminalsCleanParams;
    result: types.ThreadBackgroundTerminalsCleanResponse;
  };
  "thread/backgroundTerminals/list": {
    params: types.ThreadBackgroundTerminalsListParams;
    result: types.ThreadBackgroundTerminalsListResponse;
  };
  "thread/backgroundTerminals/terminate": {
    params: types.ThreadBackgroundTerminalsTerminateParams;
    result: types.ThreadBackgroundTerminalsTerminateResponse;
  };
  "thread/compact/start": {
    params: types.ThreadCompactStartParams;
    result: types.ThreadCompactStartResponse;
  };
  "thread/decrement_elicitation": {
    params: types.ThreadDecrementElicitationParams;
    result: types.ThreadDecrementElicitationResponse;
  };
  "thread/delete": {
    params: types.ThreadDeleteParams;
    result: types.ThreadDeleteResponse;
  };
  "thread/fork": {
    params: types.ThreadForkParams;
    result: types.ThreadForkResponse;
  };
  "thread/goal/clear": {
    params: types.ThreadGoalClearParams;
    result: types.ThreadGoalClearResponse;
  };
  "thread/goal/get": {
    params: types.ThreadGoalGetParams;
    result: types.ThreadGoalGetResponse;
  };
  "thread/goal/set": {
    params: types.ThreadGoalSetParams;
    result: types.ThreadGoalSetResponse;
  };
  "thread/guardianReview": {
    params: types.ThreadGuardianReviewParams;
    result: types.ThreadGuardianReviewResponse;
  };
  "thread/increment_elicitation": {
    params: types.ThreadIncrementElicitationParams;
    result: types.ThreadIncrementElicitationResponse;
  };
  "thread/inject_items": {
    params: types.ThreadInjectItemsParams;
    result: types.ThreadInjectItemsResponse;
  };
  "thread/items/list": {
    params: types.ThreadItemsListParams;
    result: types.ThreadItemsListResponse;
  };
  "thread/items/read": {
    params: types.ThreadItemsReadParams;
    result: types.ThreadItemsReadResponse;
  };
  "thread/list": {
    params: types.ThreadListParams;
    result: types.ThreadListResponse;
  };
  "thread/loaded/list": {
    params: types.ThreadLoadedListParams;
    result: types.ThreadLoadedListResponse;
  };
  "thread/memory/read": {
    params: types.ThreadMemoryReadParams;
    result: types.ThreadMemoryReadResponse;
  };
  "thread/memoryMode/set": {
    params: types.ThreadMemoryModeSetParams;
    result: types.ThreadMemoryModeSetResponse;
  };
  "thread/metadata/update": {
    params: types.ThreadMetadataUpdateParams;
    result: types.ThreadMetadataUpdateResponse;
  };
  "thread/name/set": {
    params: types.ThreadSetNameParams;
    result: types.ThreadSetNameResponse;
  };
  "thread/prediction/request": {
    params: types.ThreadPredictionRequestParams;
    result: types.ThreadPredictionRequestResponse;
  };
  "thread/prepareApprovedPlan": {
    params: types.ThreadPrepareApprovedPlanParams;
    result: types.ThreadPrepareApprovedPlanResponse;
  };
  "thread/queue/add": {
    params: types.ThreadQueueAddParams;
    result: types.ThreadQueueAddResponse;
  };
  "thread/queue/delete": {
    params: types.ThreadQueueDeleteParams;
    result: types.ThreadQueueDeleteResponse;
  };
  "thread/queue/list": {
    params: types.ThreadQueueListParams;
    result: types.ThreadQueueListResponse;
  };
  "thread/queue/reorder": {
    params: types.ThreadQueueReorderParams;
    result: types.ThreadQueueReorderResponse;
  };
  "thread/queue/start": {
    params: types.ThreadQueueStartParams;
    result: types.ThreadQueueStartResponse;
  };
  "thread/queue/update": {
    params: types.ThreadQueueUpdateParams;
    result: types.ThreadQueueUpdateResponse;
  };
  "thread/read": {
    params: types.ThreadReadParams;
    result: types.ThreadReadResponse;
  };
  "thread/readState/update": {
    params: types.ThreadReadStateUpdateParams;
    result: types.ThreadReadStateUpdateResponse;
  };
  "thread/realtime/appendAudio": {
    params: types.ThreadRealtimeAppendAudioParams;
    result: types.ThreadRealtimeAppendAudioResponse;
  };
  "thread/realtime/appendSpeech": {
    params: types.ThreadRealtimeAppendSpeechParams;
    result: types.ThreadRealtimeAppendSpeechResponse;
  };
  "thread/realtime/appendText": {
    params: types.ThreadRealtimeAppendTextParams;
    result: types.ThreadRealtimeAppendTextResponse;
  };
  "thread/realtime/listVoices": {
    params: types.ThreadRealtimeListVoicesParams;
    result: types.ThreadRealtimeListVoicesResponse;
  };
  "thread/realtime/start": {
    params: types.ThreadRealtimeStartParams;
    result: types.ThreadRealtimeStartResponse;
  };
  "thread/realtime/stop": {
    params: types.ThreadRealtimeStopParams;
    result: types.ThreadRealtimeStopResponse;
  };
  "thread/resume": {
    params: types.ThreadResumeParams;
    result: types.ThreadResumeResponse;
  };
  "thread/revert": {
    params: types.ThreadRevertParams;
    result: types.ThreadRevertResponse;
  };
  "thread/sample": {
    params: types.ThreadSampleParams;
    result: types.ThreadSampleResponse;
  };
  "thread/sample/cancel": {
    params: types.ThreadSampleCancelParams;
    result: types.ThreadSampleCancelResponse;
  };
  "thread/search": {
    params: types.ThreadSearchParams;
    result: types.ThreadSearchResponse;
  };
  "thread/searchOccurrences": {
    params: types.ThreadSearchOccurrencesParams;
    result: types.ThreadSearchOccurrencesResponse;
  };
  "thread/section/move": {
    params: types.ThreadSectionMoveParams;
    result: types.ThreadSectionMoveResponse;
  };
  "thread/settings/update": {
    params: types.ThreadSettingsUpdateParams;
    result: types.ThreadSettingsUpdateResponse;
  };
  "thread/shellCommand": {
    params: types.ThreadShellCommandParams;
    result: types.ThreadShellCommandResponse;
  };
  "thread/start": {
    params: types.ThreadStartParams;
    result: types.ThreadStartResponse;
  };
  "thread/timeline/list": {
    params: types.ThreadTimelineListParams;
    result: types.ThreadTimelineListResponse;
  };
  "thread/turns/list": {
    params: types.ThreadTurnsListParams;
    result: types.ThreadTurnsListResponse;
  };
  "thread/unarchive": {
    params: types.ThreadUnarchiveParams;
    result: types.ThreadUnarchiveResponse;
  };
  "thread/unsubscribe": {
    params: types.ThreadUnsubscribeParams;
    result: types.ThreadUnsubscribeResponse;
  };
  "threadSection/create": {
    params: types.ThreadSectionCreateParams;
    result: types.ThreadSectionCreateResponse;
  };
  "threadSection/delete": {
    params: types.ThreadSectionDeleteParams;
    result: types.ThreadSectionDeleteResponse;
  };
  "threadSection/list": {
    params: types.ThreadSectionListParams;
    result: types.ThreadSectionListResponse;
  };
  "threadSection/update": {
    params: types.ThreadSectionUpdateParams;
    result: types.ThreadSectionUpdateResponse;
  };
  "turn/interrupt": {
    params: types.TurnInterruptParams;
    result: types.TurnInterruptResponse;
  };
  "turn/settings/update": {
    params: types.TurnSettingsUpdateParams;
    result: types.TurnSettingsUpdateResponse;
  };
  "turn/start": {
    params: types.TurnStartParams;
    result: types.TurnStartResponse;
  };
  "turn/steer": {
    params: types.TurnSteerParams;
    result: types.TurnSteerResponse;
  };
  "userVerification/cancel": {
    params: types.UserVerificationCancelParams;
    result: types.UserVerificationCancelResponse;
  };
  "userVerification/delete": {
    params: types.UserVerificationDeleteParams;
    result: types.UserVerificationDeleteResponse;
  };
  "userVerification/enroll": {
    params: types.UserVerificationEnrollParams;
    result: types.UserVerificationEnrollResponse;
  };
  "userVerification/status": {
    params: types.UserVerificationStatusParams;
    result: types.UserVerificationStatusResponse;
  };
  "userVerification/verify": {
    params: types.UserVerificationVerifyParams;
    result: types.UserVerificationVerifyResponse;
  };
  "windowsSandbox/readiness": {
    params?: { [key: string]: never } | null;
    result: types.WindowsSandboxReadinessResponse;
  };
  "windowsSandbox/setupStart": {
    params: types.WindowsSandboxSetupStartParams;
    result: types.WindowsSandboxSetupStartResponse;
  };
};

/** What the server can ask: params and the result it waits for, by method. @internal */
export type ServerRequests = {
  "account/chatgptAuthTokens/refresh": {
    params: types.ChatgptAuthTokensRefreshParams;
    result: types.ChatgptAuthTokensRefreshResponse;
  };
  applyPatchApproval: {
    params: types.ApplyPatchApprovalParams;
    result: types.ApplyPatchApprovalResponse;
  };
  "attestation/generate": {
    params: types.AttestationGenerateParams;
    result: types.AttestationGenerateResponse;
  };
  "currentTime/read": {
    params: types.CurrentTimeReadParams;
    result: types.CurrentTimeReadResponse;
  };
  execCommandApproval: {
    params: types.ExecCommandApprovalParams;
    result: types.ExecCommandApprovalResponse;
  };
  "item/commandExecution/requestApproval": {
    params: types.CommandExecutionRequestApprovalParams;
    result: types.CommandExecutionRequestApprovalResponse;
  };
  "item/fileChange/requestApproval": {
    params: types.FileChangeRequestApprovalParams;
    result: types.FileChangeRequestApprovalResponse;
  };
  "item/permissions/requestApproval": {
    params: types.PermissionsRequestApprovalParams;
    result: types.PermissionsRequestApprovalResponse;
  };
  "item/tool/call": {
    params: types.DynamicToolCallParams;
    result: types.DynamicToolCallResponse;
  };
  "item/tool/requestUserInput": {
    params: types.ToolRequestUserInputParams;
    result: types.ToolRequestUserInputResponse;
  };
  "mcpServer/elicitation/request": {
    params: types.McpServerElicitationRequestParams;
    result: types.McpServerElicitationRequestResponse;
  };
};

/** What the server tells: params by method. @internal */
export type ServerNotifications = {
  "account/gatewayOAuth/changed": types.GatewayOAuthChangedNotification;
  "account/login/completed": types.AccountLoginCompletedNotification;
  "account/rateLimits/updated": types.AccountRateLimitsUpdatedNotification;
  "account/updated": types.AccountUpdatedNotification;
  "app/list/updated": types.AppListUpdatedNotification;
  "autoApprovalReview/strictReviewRequired": types.StrictReviewRequiredNotification;
  "command/exec/outputDelta": types.CommandExecOutputDeltaNotification;
  configWarning: types.ConfigWarningNotification;
  deprecationNotice: types.DeprecationNoticeNotification;
  error: types.ErrorNotification;
  "externalAgentConfig/import/completed": types.ExternalAgentConfigImportCompletedNotification;
  "externalAgentConfig/import/progress": types.ExternalAgentConfigImportProgressNotification;
  "fs/changed": types.FsChangedNotification;
  "fuzzyFileSearch/sessionCompleted": types.FuzzyFileSearchSessionCompletedNotification;
  "fuzzyFileSearch/sessionUpdated": types.FuzzyFileSearchSessionUpdatedNotification;
  guardianWarning: types.GuardianWarningNotification;
  "hook/completed": types.HookCompletedNotification;
  "hook/started": types.HookStartedNotification;
  "item/agentMessage/delta": types.AgentMessageDeltaNotification;
  "item/autoApprovalReview/completed": types.ItemGuardianApprovalReviewCompletedNotification;
  "item/autoApprovalReview/started": types.ItemGuardianApprovalReviewStartedNotification;
  "item/commandExecution/outputDelta": types.CommandExecutionOutputDeltaNotification;
  "item/commandExecution/terminalInteraction": types.TerminalInteractionNotification;
  "item/completed": types.ItemCompletedNotification;
  "item/fileChange/outputDelta": types.FileChangeOutputDeltaNotification;
  "item/fileChange/patchUpdated": types.FileChangePatchUpdatedNotification;
  "item/mcpToolCall/progress": types.McpToolCallProgressNotification;
  "item/plan/delta": types.PlanDeltaNotification;
  "item/reasoning/summaryPartAdded": types.ReasoningSummaryPartAddedNotification;
  "item/reasoning/summaryTextDelta": types.ReasoningSummaryTextDeltaNotification;
  "item/reasoning/textDelta": types.ReasoningTextDeltaNotification;
  "item/started": types.ItemStartedNotification;
  "mcpServer/event/stream/notification": types.McpServerEventStreamNotification;
  "mcpServer/oauthLogin/completed": types.McpServerOauthLoginCompletedNotification;
  "mcpServer/startupStatus/updated": types.McpServerStatusUpdatedNotification;
  "model/rerouted": types.ModelReroutedNotification;
  "model/safetyBuffering/updated": types.ModelSafetyBufferingUpdatedNotification;
  "model/verification": types.ModelVerificationNotification;
  "modelProvider/authRecoveryCompleted": types.AuthRecoveryNotification;
  "modelProvider/authRecoveryStarted": types.AuthRecoveryNotification;
  "process/exited": types.ProcessExitedNotification;
  "process/outputDelta": types.ProcessOutputDeltaNotification;
  "project/changed": types.ProjectChangedNotification;
  "rawResponse/completed": types.RawResponseCompletedNotification;
  "rawResponseItem/completed": types.RawResponseItemCompletedNotification;
  "remoteControl/status/changed": types.RemoteControlStatusChangedNotification;
  "serverRequest/resolved": types.ServerRequestResolvedNotification;
  "skills/changed": types.SkillsChangedNotification;
  "thread/archived": types.ThreadArchivedNotification;
  "thread/attachment/updated": types.ThreadAttachmentUpdatedNotification;
  "thread/closed": types.ThreadClosedNotification;
  "thread/compacted": types.ContextCompactedNotification;
  "thread/deleted": types.ThreadDeletedNotification;
  "thread/environment/connected": types.EnvironmentConnectionNotification;
  "thread/environment/disconnected": types.EnvironmentConnectionNotification;
  "thread/goal/cleared": types.ThreadGoalClearedNotification;
  "thread/goal/updated": types.ThreadGoalUpdatedNotification;
  "thread/name/updated": types.ThreadNameUpdatedNotification;
  "thread/prediction/updated": types.ThreadPredictionUpdatedNotification;
  "thread/project/updated": types.ThreadProjectUpdatedNotification;
  "thread/queue/changed": types.ThreadQueueChangedNotification;
  "thread/readState/changed": types.ThreadReadStateChangedNotification;
  "thread/realtime/closed": types.ThreadRealtimeClosedNotification;
  "thread/realtime/error": types.ThreadRealtimeErrorNotification;
  "thread/realtime/item/completed": types.ThreadRealtimeItemCompletedNotification;
  "thread/realtime/item/started": types.ThreadRealtimeItemStartedNotification;
  "thread/realtime/item/transcript/delta": types.ThreadRealtimeItemTranscriptDeltaNotification;
  "thread/realtime/itemAdded": types.ThreadRealtimeItemAddedNotification;
  "thread/realtime/outputAudio/delta": types.ThreadRealtimeOutputAudioDeltaNotification;
  "thread/realtime/sdp": types.ThreadRealtimeSdpNotification;
  "thread/realtime/started": types.ThreadRealtimeStartedNotification;
  "thread/realtime/transcript/delta": types.ThreadRealtimeTranscriptDeltaNotification;
  "thread/realtime/transcript/done": types.ThreadRealtimeTranscriptDoneNotification;
  "thread/reverted": types.ThreadRevertedNotification;
  "thread/section/changed": types.ThreadSectionChangedNotification;
  "thread/settings/updated": types.ThreadSettingsUpdatedNotification;
  "thread/started": types.ThreadStartedNotification;
  "thread/status/changed": types.ThreadStatusChangedNotification;
  "thread/tokenUsage/updated": types.ThreadTokenUsageUpdatedNotification;
  "thread/unarchived": types.ThreadUnarchivedNotification;
  "turn/completed": types.TurnCompletedNotification;
  "turn/diff/updated": types.TurnDiffUpdatedNotification;
  "turn/moderationMetadata": types.TurnModerationMetadataNotification;
  "turn/plan/updated": types.TurnPlanUpdatedNotification;
  "turn/started": types.TurnStartedNotification;
  warning: types.WarningNotification;
  "windows/worldWritableWarning": types.WindowsWorldWritableWarningNotification;
  "windowsSandbox/setupCompleted": types.WindowsSandboxSetupCompletedNotification;
};

/** What the server is told: params by method. @internal */
export type ClientNotifications = { initialized: { [key: string]: never } | undefined | null };
