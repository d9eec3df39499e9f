// Made of the JSON Schema of codex 0.169.0 by `deno task protocol`: not to be edited.

/** A part of the protocol. @internal */
export type AbsolutePathBuf = string;

/** A part of the protocol. @internal */
export type Account =
  | { type: "apiKey" }
  | {
    email: string | null;
    planType: PlanType;
    type: "chatgpt";
    workspaceName?: string | null;
  }
  | {
    type: "amazonBedrock";
    usesCodexManagedCredentials?: boolean;
  }
  | { type: "gcp" };

/** The params of "account/login/completed". @internal */
export type AccountLoginCompletedNotification = {
  error?: string | null;
  loginId?: string | null;
  onboardingEntrypoint?: DesktopOnboardingEntrypoint | null;
  success: boolean;
};

/** The params of "account/rateLimits/updated". @internal */
export type AccountRateLimitsUpdatedNotification = { rateLimits: RateLimitSnapshot };

/** A part of the protocol. @internal */
export type AccountRoutingOverride = "NO_CONSTRAINT" | "us" | "us_cr";

/** A part of the protocol. @internal */
export type AccountSecuritySetupAction = {
  label: string;
  url: string;
};

/** A part of the protocol. @internal */
export type AccountSecuritySetupNotice = {
  accountId: string;
  action: AccountSecuritySetupAction;
  description: string;
  title: string;
  userId: string;
};

/** A part of the protocol. @internal */
export type AccountSession = {
  displayName?: string | null;
  email?: string | null;
  imageUrl?: string | null;
  isActive: boolean;
  lastUsedAt: number;
  selectedWorkspaceAccountId?: string | null;
  sessionId: string;
  userId?: string | null;
  workspaces: AccountSessionWorkspace[];
};

/** A part of the protocol. @internal */
export type AccountSessionWorkspace = {
  accountId: string;
  imageUrl?: string | null;
  kind?: AccountSessionWorkspaceKind | null;
  name?: string | null;
};

/** A part of the protocol. @internal */
export type AccountSessionWorkspaceKind = "personal" | "workspace";

/** The params of "accountSession/list". @internal */
export type AccountSessionsListParams = { refreshWorkspaceMetadata?: boolean };

/** The result of "accountSession/list". @internal */
export type AccountSessionsResponse = {
  activeSessionId?: string | null;
  sessions: AccountSession[];
};

/** The params of "accountSession/switch". @internal */
export type AccountSessionsSwitchParams = {
  accountId: string;
  allowBrowserLogin?: boolean;
  sessionId: string;
};

/** The result of "accountSession/switch". @internal */
export type AccountSessionsSwitchResponse =
  | {
    activeSessionId?: string | null;
    sessions: AccountSession[];
  }
  | {
    auth_url: string;
    login_id: string;
  };

/** A part of the protocol. @internal */
export type AccountTokenUsageDailyBucket = {
  startDate: string;
  tokens: number;
};

/** A part of the protocol. @internal */
export type AccountTokenUsageSummary = {
  currentStreakDays?: number | null;
  lifetimeTokens?: number | null;
  longestRunningTurnSec?: number | null;
  longestStreakDays?: number | null;
  peakDailyTokens?: number | null;
};

/** The params of "account/updated". @internal */
export type AccountUpdatedNotification = {
  authMode?: AuthMode | null;
  planType?: PlanType | null;
};

/** A part of the protocol. @internal */
export type ActivePermissionProfile = {
  extends?: string | null;
  id: string;
};

/** A part of the protocol. @internal */
export type AddCreditsNudgeCreditType = "credits" | "usage_limit";

/** A part of the protocol. @internal */
export type AddCreditsNudgeEmailStatus = "sent" | "cooldown_active";

/** A part of the protocol. @internal */
export type AdditionalContextEntry = {
  kind: AdditionalContextKind;
  name?: string | null;
  value: string;
};

/** A part of the protocol. @internal */
export type AdditionalContextKind = "untrusted" | "application";

/** A part of the protocol. @internal */
export type AdditionalFileSystemPermissions = {
  entries?: FileSystemSandboxEntry[] | null;
  globScanMaxDepth?: number | null;
  read?: LegacyAppPathString[] | null;
  write?: LegacyAppPathString[] | null;
};

/** A part of the protocol. @internal */
export type AdditionalNetworkPermissions = { enabled?: boolean | null };

/** A part of the protocol. @internal */
export type AdditionalPermissionProfile = {
  fileSystem?: AdditionalFileSystemPermissions | null;
  network?: AdditionalNetworkPermissions | null;
};

/** A part of the protocol. @internal */
export type AgentMessageDelivery = "async";

/** The params of "item/agentMessage/delta". @internal */
export type AgentMessageDeltaNotification = {
  delta: string;
  itemId: string;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type AgentMessageDisplay = {
  action: string;
  blockType?: string | null;
  checkTrustedContacts?: boolean | null;
  cyberTrustedAccess?: boolean | null;
};

/** A part of the protocol. @internal */
export type AgentMessageInputContent =
  | {
    text: string;
    type: "input_text";
  }
  | {
    encrypted_content: string;
    type: "encrypted_content";
  };

/** A part of the protocol. @internal */
export type AgentMessageModeration = {
  display?: AgentMessageDisplay | null;
  moderated: boolean;
};

/** A part of the protocol. @internal */
export type AgentPath = string;

/** A part of the protocol. @internal */
export type AllowDenyRequirement = "allow" | "deny";

/** A part of the protocol. @internal */
export type AnalyticsConfig = {
  enabled?: boolean | null;
  [key: string]: unknown;
};

/** A part of the protocol. @internal */
export type AppBranding = {
  category?: string | null;
  developer?: string | null;
  isDiscoverableApp: boolean;
  privacyPolicy?: string | null;
  termsOfService?: string | null;
  website?: string | null;
};

/** A part of the protocol. @internal */
export type AppConfig = {
  approvals_reviewer?: ApprovalsReviewer | null;
  default_tools_approval_mode?: AppToolApproval | null;
  default_tools_enabled?: boolean | null;
  destructive_enabled?: boolean | null;
  enabled?: boolean;
  links?: AppLinksConfig | null;
  omit_tools_from?: ToolExposureSurface[] | null;
  open_world_enabled?: boolean | null;
  tools?: AppToolsConfig | null;
};

/** A part of the protocol. @internal */
export type AppInfo = {
  appMetadata?: AppMetadata | null;
  branding?: AppBranding | null;
  description?: string | null;
  distributionChannel?: string | null;
  iconAssets?: { [key: string]: string } | null;
  iconDarkAssets?: { [key: string]: string } | null;
  id: string;
  installUrl?: string | null;
  isAccessible?: boolean;
  isEnabled?: boolean;
  labels?: { [key: string]: string } | null;
  logoUrl?: string | null;
  logoUrlDark?: string | null;
  name: string;
  pluginDisplayNames?: string[];
};

/** A part of the protocol. @internal */
export type AppLinkConfig = {
  approvals_reviewer?: ApprovalsReviewer | null;
  default_tools_approval_mode?: AppToolApproval | null;
};

/** A part of the protocol. @internal */
export type AppLinksConfig = { [key: string]: unknown };

/** The params of "app/list/updated". @internal */
export type AppListUpdatedNotification = { data: AppInfo[] };

/** A part of the protocol. @internal */
export type AppMetadata = {
  categories?: string[] | null;
  developer?: string | null;
  firstPartyRequiresInstall?: boolean | null;
  review?: AppReview | null;
  screenshots?: AppScreenshot[] | null;
  seoDescription?: string | null;
  showInComposerWhenUnlinked?: boolean | null;
  subCategories?: string[] | null;
  version?: string | null;
  versionId?: string | null;
  versionNotes?: string | null;
};

/** A part of the protocol. @internal */
export type AppReview = { status: string };

/** A part of the protocol. @internal */
export type AppScreenshot = {
  fileId?: string | null;
  url?: string | null;
  userPrompt: string;
};

/** A part of the protocol. @internal */
export type AppSummary = {
  category?: string | null;
  description?: string | null;
  id: string;
  installUrl?: string | null;
  name: string;
};

/** A part of the protocol. @internal */
export type AppTemplateSummary = {
  canonicalConnectorId?: string | null;
  category?: string | null;
  description?: string | null;
  logoUrl?: string | null;
  logoUrlDark?: string | null;
  materializedAppIds: string[];
  name: string;
  reason?: AppTemplateUnavailableReason | null;
  templateId: string;
};

/** A part of the protocol. @internal */
export type AppTemplateUnavailableReason = "NOT_CONFIGURED_FOR_WORKSPACE" | "NO_ACTIVE_WORKSPACE";

/** A part of the protocol. @internal */
export type AppToolApproval = "auto" | "prompt" | "writes" | "approve";

/** A part of the protocol. @internal */
export type AppToolConfig = {
  approval_mode?: AppToolApproval | null;
  enabled?: boolean | null;
};

/** A part of the protocol. @internal */
export type AppToolSummary = {
  description: string;
  disabledReason?: string | null;
  isEnabled?: boolean;
  isReadOnly?: boolean;
  name: string;
  title?: string | null;
};

/** A part of the protocol. @internal */
export type AppToolsConfig = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ApplicationNetworkRequirements = {
  domains: { [key: string]: NetworkDomainPermission };
  enabled: boolean;
};

/** A part of the protocol. @internal */
export type ApplicationRequirements = {
  network?: ApplicationNetworkRequirements | null;
  storage?: ApplicationStorageRequirements | null;
};

/** A part of the protocol. @internal */
export type ApplicationStorageRequirements = {
  defaultProjectParent?: LegacyAppPathString | null;
  projectlessWorkspaceRoot?: LegacyAppPathString | null;
};

/** The params of "applyPatchApproval". @internal */
export type ApplyPatchApprovalParams = {
  callId: string;
  conversationId: ThreadId;
  fileChanges: { [key: string]: FileChange };
  grantRoot?: string | null;
  reason?: string | null;
};

/** The result of "applyPatchApproval". @internal */
export type ApplyPatchApprovalResponse = { decision: ReviewDecision };

/** A part of the protocol. @internal */
export type ApprovalsReviewer = "user" | "auto_review" | "guardian_subagent";

/** A part of the protocol. @internal */
export type AppsConfig = { _default?: AppsDefaultConfig | null };

/** A part of the protocol. @internal */
export type AppsDefaultConfig = {
  approvals_reviewer?: ApprovalsReviewer | null;
  default_tools_approval_mode?: AppToolApproval | null;
  destructive_enabled?: boolean;
  enabled?: boolean;
  open_world_enabled?: boolean;
};

/** The params of "app/installed". @internal */
export type AppsInstalledParams = {
  forceRefresh?: boolean;
  threadId?: string | null;
};

/** The result of "app/installed". @internal */
export type AppsInstalledResponse = { apps: InstalledApp[] };

/** The params of "app/list". @internal */
export type AppsListParams = {
  cursor?: string | null;
  forceRefetch?: boolean;
  limit?: number | null;
  threadId?: string | null;
};

/** The result of "app/list". @internal */
export type AppsListResponse = {
  data: AppInfo[];
  nextCursor?: string | null;
};

/** The params of "app/read". @internal */
export type AppsReadParams = {
  appIds: string[];
  includeTools?: boolean;
  threadId?: string | null;
};

/** The result of "app/read". @internal */
export type AppsReadResponse = {
  apps: ConnectorMetadata[];
  missingAppIds: string[];
};

/** A part of the protocol. @internal */
export type AskForApproval =
  | "untrusted"
  | "on-request"
  | "never"
  | {
    granular: {
      mcp_elicitations: boolean;
      request_permissions?: boolean;
      rules: boolean;
      sandbox_approval: boolean;
      skill_approval?: boolean;
    };
  };

/** A part of the protocol. @internal */
export type AsyncUserInputQuestion = {
  options?: string[] | null;
  title: string;
};

/** The params of "attestation/generate". @internal */
export type AttestationGenerateParams = { [key: string]: unknown };

/** The result of "attestation/generate". @internal */
export type AttestationGenerateResponse = { token: string };

/** A part of the protocol. @internal */
export type AuthMode =
  | "apikey"
  | "chatgpt"
  | "chatgptAuthTokens"
  | "headers"
  | "agentIdentity"
  | "personalAccessToken"
  | "bedrockApiKey"
  | "bedrockAccessKeys";

/** The params of "modelProvider/authRecoveryCompleted" and "modelProvider/authRecoveryStarted". @internal */
export type AuthRecoveryNotification = {
  message: string;
  provider: string;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type AutoCompactTokenLimitScope = "total" | "body_after_prefix";

/** A part of the protocol. @internal */
export type AutoReviewDecisionSource = "agent";

/** A part of the protocol. @internal */
export type AutoReviewRequirements = {
  ignoreRules?: string[] | null;
  requiredOnModels?: string[] | null;
};

/** A part of the protocol. @internal */
export type AwsCredentialType = "accessKeys" | "bedrockApiKey";

/** A part of the protocol. @internal */
export type BedrockAwsProfile = {
  name: string;
  region?: string | null;
};

/** The params of "account/bedrock/checkGovCloudRequirements". @internal */
export type BedrockCheckGovCloudRequirementsParams = { [key: string]: unknown };

/** The result of "account/bedrock/checkGovCloudRequirements". @internal */
export type BedrockCheckGovCloudRequirementsResponse = {
  isGovCloud: boolean;
  shouldWarn: boolean;
};

/** The params of "account/bedrock/discover". @internal */
export type BedrockDiscoverParams = { [key: string]: unknown };

/** The result of "account/bedrock/discover". @internal */
export type BedrockDiscoverResponse = {
  environmentCredentials: BedrockEnvironmentCredential[];
  profiles: BedrockAwsProfile[];
};

/** A part of the protocol. @internal */
export type BedrockEnvironmentCredential = {
  region?: string | null;
  type: AwsCredentialType;
};

/** A part of the protocol. @internal */
export type BedrockProviderId = "amazon-bedrock" | "amazon-bedrock-runtime";

/** The params of "account/bedrock/setup". @internal */
export type BedrockSetupParams =
  | {
    profile: string;
    region: string;
    type: "profile";
  }
  | {
    region: string;
    type: "environment";
  };

/** The result of "account/bedrock/setup". @internal */
export type BedrockSetupResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type BrowserUseAccessApprovalLifetime = "turn" | "thread";

/** A part of the protocol. @internal */
export type BrowserUseConfig = {
  allow_history_access?: boolean | null;
  default_origin_policy?: BrowserUseOriginPolicyConfig | null;
  origins?: { [key: string]: BrowserUseOriginPolicyConfig } | null;
};

/** A part of the protocol. @internal */
export type BrowserUseExtensionRequirements = { requestHeaders?: RequestHeader[] | null };

/** A part of the protocol. @internal */
export type BrowserUseOriginPolicy = {
  access?: AllowDenyRequirement | null;
  accessApprovalLifetime?: BrowserUseAccessApprovalLifetime | null;
  autoReview?: AllowDenyRequirement | null;
  downloads?: AllowDenyRequirement | null;
  fullCdpAccess?: AllowDenyRequirement | null;
  persistentApproval?: boolean | null;
  uploads?: AllowDenyRequirement | null;
};

/** A part of the protocol. @internal */
export type BrowserUseOriginPolicyConfig = {
  access?: AllowDenyRequirement | null;
  downloads?: AllowDenyRequirement | null;
  full_cdp_access?: AllowDenyRequirement | null;
  uploads?: AllowDenyRequirement | null;
};

/** A part of the protocol. @internal */
export type BrowserUseRequirements = {
  allowGlobalPersistentApproval?: boolean | null;
  allowHistoryAccess?: boolean | null;
  allowWebmcp?: boolean | null;
  defaultOriginPolicy?: BrowserUseOriginPolicy | null;
  disableAutoReview?: boolean | null;
  extension?: BrowserUseExtensionRequirements | null;
  origins?: { [key: string]: BrowserUseOriginPolicy } | null;
};

/** A part of the protocol. @internal */
export type ByteRange = {
  end: number;
  start: number;
};

/** The params of "account/login/cancel". @internal */
export type CancelLoginAccountParams = { loginId: string };

/** The result of "account/login/cancel". @internal */
export type CancelLoginAccountResponse = { status: CancelLoginAccountStatus };

/** A part of the protocol. @internal */
export type CancelLoginAccountStatus = "canceled" | "notFound";

/** A part of the protocol. @internal */
export type CapabilityRootLocation = {
  environmentId: string;
  path: string;
  type: "environment";
};

/** The params of "account/chatgptAuthTokens/refresh". @internal */
export type ChatgptAuthTokensRefreshParams = {
  previousAccountId?: string | null;
  reason: ChatgptAuthTokensRefreshReason;
};

/** A part of the protocol. @internal */
export type ChatgptAuthTokensRefreshReason = "unauthorized";

/** The result of "account/chatgptAuthTokens/refresh". @internal */
export type ChatgptAuthTokensRefreshResponse = {
  accessToken: string;
  chatgptAccountId: string;
  chatgptPlanType?: string | null;
};

/** A part of the protocol. @internal */
export type CliAuthCredentialsStoreMode = "file" | "keyring" | "auto" | "ephemeral";

/** A part of the protocol. @internal */
export type ClientInfo = {
  name: string;
  title?: string | null;
  version: string;
};

/** A part of the protocol. @internal */
export type CodexErrorInfo =
  | "contextWindowExceeded"
  | "sessionBudgetExceeded"
  | "usageLimitExceeded"
  | "rateLimitExceeded"
  | "flexUnavailable"
  | "serverOverloaded"
  | "modelNotFound"
  | "policyCapacityUnavailable"
  | "cyberPolicy"
  | "misalignmentPolicyViolation"
  | "tooManyDenials"
  | "internalServerError"
  | "unauthorized"
  | "badRequest"
  | "threadRollbackFailed"
  | "sandboxError"
  | "other"
  | "inferenceHookDenied"
  | { httpConnectionFailed: { httpStatusCode?: number | null } }
  | { responseStreamConnectionFailed: { httpStatusCode?: number | null } }
  | { responseStreamDisconnected: { httpStatusCode?: number | null } }
  | { responseTooManyFailedAttempts: { httpStatusCode?: number | null } }
  | { activeTurnNotSteerable: { turnKind: NonSteerableTurnKind } }
  | string
  | { [key: string]: unknown };

/** A part of the protocol. @internal */
export type CodexResponseHandoffMode = "thinking" | "commentary" | "bemTags";

/** A part of the protocol. @internal */
export type CollabAgentState = {
  message?: string | null;
  status: CollabAgentStatus;
};

/** A part of the protocol. @internal */
export type CollabAgentStatus =
  | "pendingInit"
  | "running"
  | "interrupted"
  | "completed"
  | "errored"
  | "shutdown"
  | "notFound";

/** A part of the protocol. @internal */
export type CollabAgentTool =
  | "spawnAgent"
  | "sendInput"
  | "resumeAgent"
  | "wait"
  | "closeAgent"
  | "sendMessage"
  | "followupTask"
  | "interruptAgent"
  | "listAgents";

/** A part of the protocol. @internal */
export type CollabAgentToolCallStatus = "inProgress" | "completed" | "failed" | "interrupted";

/** A part of the protocol. @internal */
export type CollaborationMode = {
  mode: ModeKind;
  settings: Settings;
};

/** The params of "collaborationMode/list". @internal */
export type CollaborationModeListParams = { [key: string]: unknown };

/** The result of "collaborationMode/list". @internal */
export type CollaborationModeListResponse = { data: CollaborationModeMask[] };

/** A part of the protocol. @internal */
export type CollaborationModeMask = {
  mode?: ModeKind | null;
  model?: string | null;
  name: string;
  reasoning_effort?: ReasoningEffort | null;
};

/** A part of the protocol. @internal */
export type CommandAction =
  | {
    command: string;
    name: string;
    path: LegacyAppPathString;
    type: "read";
  }
  | {
    command: string;
    path?: string | null;
    type: "listFiles";
  }
  | {
    command: string;
    path?: string | null;
    query?: string | null;
    type: "search";
  }
  | {
    command: string;
    type: "unknown";
  };

/** The params of "command/exec/outputDelta". @internal */
export type CommandExecOutputDeltaNotification = {
  capReached: boolean;
  deltaBase64: string;
  processId: string;
  stream: CommandExecOutputStream;
};

/** A part of the protocol. @internal */
export type CommandExecOutputStream = "stdout" | "stderr";

/** The params of "command/exec". @internal */
export type CommandExecParams = {
  command: string[];
  cwd?: string | null;
  disableOutputCap?: boolean;
  disableTimeout?: boolean;
  env?: { [key: string]: string | null } | null;
  outputBytesCap?: number | null;
  permissionProfile?: string | null;
  processId?: string | null;
  sandboxPolicy?: SandboxPolicy | null;
  size?: CommandExecTerminalSize | null;
  streamStdin?: boolean;
  streamStdoutStderr?: boolean;
  timeoutMs?: number | null;
  tty?: boolean;
};

/** The params of "command/exec/resize". @internal */
export type CommandExecResizeParams = {
  processId: string;
  size: CommandExecTerminalSize;
};

/** The result of "command/exec/resize". @internal */
export type CommandExecResizeResponse = { [key: string]: unknown };

/** The result of "command/exec". @internal */
export type CommandExecResponse = {
  exitCode: number;
  stderr: string;
  stdout: string;
};

/** A part of the protocol. @internal */
export type CommandExecTerminalSize = {
  cols: number;
  rows: number;
};

/** The params of "command/exec/terminate". @internal */
export type CommandExecTerminateParams = { processId: string };

/** The result of "command/exec/terminate". @internal */
export type CommandExecTerminateResponse = { [key: string]: unknown };

/** The params of "command/exec/write". @internal */
export type CommandExecWriteParams = {
  closeStdin?: boolean;
  deltaBase64?: string | null;
  processId: string;
};

/** The result of "command/exec/write". @internal */
export type CommandExecWriteResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type CommandExecutionApprovalDecision =
  | "accept"
  | "acceptForSession"
  | { acceptWithExecpolicyAmendment: { execpolicy_amendment: string[] } }
  | { applyNetworkPolicyAmendment: { network_policy_amendment: NetworkPolicyAmendment } }
  | "decline"
  | "cancel";

/** A part of the protocol. @internal */
export type CommandExecutionApprovalKind = "command" | "writeStdin" | "humanCommand";

/** The params of "item/commandExecution/outputDelta". @internal */
export type CommandExecutionOutputDeltaNotification = {
  delta: string;
  itemId: string;
  threadId: string;
  turnId: string;
};

/** The params of "item/commandExecution/requestApproval". @internal */
export type CommandExecutionRequestApprovalParams = {
  additionalPermissions?: AdditionalPermissionProfile | null;
  approvalId?: string | null;
  availableDecisions?: CommandExecutionApprovalDecision[] | null;
  command?: string | null;
  commandActions?: CommandAction[] | null;
  cwd?: LegacyAppPathString | null;
  environmentId?: string | null;
  itemId: string;
  kind?: CommandExecutionApprovalKind;
  networkApprovalContext?: NetworkApprovalContext | null;
  proposedExecpolicyAmendment?: string[] | null;
  proposedNetworkPolicyAmendments?: NetworkPolicyAmendment[] | null;
  reason?: string | null;
  startedAtMs: number;
  threadId: string;
  turnId: string;
};

/** The result of "item/commandExecution/requestApproval". @internal */
export type CommandExecutionRequestApprovalResponse = {
  decision: CommandExecutionApprovalDecision;
};

/** A part of the protocol. @internal */
export type CommandExecutionSource =
  | "agent"
  | "userShell"
  | "unifiedExecStartup"
  | "unifiedExecInteraction";

/** A part of the protocol. @internal */
export type CommandExecutionStatus = "inProgress" | "completed" | "failed" | "declined";

/** A part of the protocol. @internal */
export type CommandMigration = { name: string };

/** A part of the protocol. @internal */
export type ComputerUseConfig = {
  default_app_access?: AllowDenyRequirement | null;
  macos?: ComputerUseMacosConfig | null;
  windows?: ComputerUseWindowsConfig | null;
};

/** A part of the protocol. @internal */
export type ComputerUseMacosConfig = {
  bundle_ids?: { [key: string]: AllowDenyRequirement } | null;
};

/** A part of the protocol. @internal */
export type ComputerUseMacosRequirements = {
  bundleIds?: { [key: string]: AllowDenyRequirement } | null;
};

/** A part of the protocol. @internal */
export type ComputerUseRequirements = {
  allowLockedComputerUse?: boolean | null;
  allowPersistentApproval?: boolean | null;
  defaultAppAccess?: AllowDenyRequirement | null;
  macos?: ComputerUseMacosRequirements | null;
  windows?: ComputerUseWindowsRequirements | null;
};

/** A part of the protocol. @internal */
export type ComputerUseWindowsConfig = {
  aumids?: { [key: string]: AllowDenyRequirement } | null;
  exes?: ComputerUseWindowsExeConfig[] | null;
};

/** A part of the protocol. @internal */
export type ComputerUseWindowsExeConfig = {
  access: AllowDenyRequirement;
  binary_name?: string | null;
  product_name: string;
  publisher_name: string;
};

/** A part of the protocol. @internal */
export type ComputerUseWindowsExeRequirement = {
  access: AllowDenyRequirement;
  binaryName?: string | null;
  productName: string;
  publisherName: string;
};

/** A part of the protocol. @internal */
export type ComputerUseWindowsRequirements = {
  aumids?: { [key: string]: AllowDenyRequirement } | null;
  exes?: ComputerUseWindowsExeRequirement[] | null;
};

/** A part of the protocol. @internal */
export type Config = {
  analytics?: AnalyticsConfig | null;
  approval_policy?: AskForApproval | null;
  approvals_reviewer?: ApprovalsReviewer | null;
  apps?: AppsConfig | null;
  browser_use?: BrowserUseConfig | null;
  client_search_provider?: WebSearchProvider | null;
  compact_prompt?: string | null;
  computer_use?: ComputerUseConfig | null;
  desktop?: { [key: string]: unknown } | null;
  developer_instructions?: string | null;
  forced_chatgpt_workspace_id?: ForcedChatgptWorkspaceIds | null;
  forced_login_method?: ForcedLoginMethod | null;
  instructions?: string | null;
  model?: string | null;
  model_auto_compact_token_limit?: number | null;
  model_auto_compact_token_limit_scope?: AutoCompactTokenLimitScope | null;
  model_context_window?: number | null;
  model_provider?: string | null;
  model_reasoning_effort?: ReasoningEffort | null;
  model_reasoning_summary?: ReasoningSummary | null;
  model_verbosity?: Verbosity | null;
  review_model?: string | null;
  sandbox_mode?: SandboxMode | null;
  sandbox_workspace_write?: SandboxWorkspaceWrite | null;
  service_tier?: string | null;
  tools?: ToolsV2 | null;
  web_search?: WebSearchMode | null;
  [key: string]: unknown;
};

/** The params of "config/batchWrite". @internal */
export type ConfigBatchWriteParams = {
  edits: ConfigEdit[];
  expectedVersion?: string | null;
  filePath?: string | null;
  reloadUserConfig?: boolean;
};

/** A part of the protocol. @internal */
export type ConfigEdit = {
  keyPath: string;
  mergeStrategy: MergeStrategy;
  value: unknown;
};

/** A part of the protocol. @internal */
export type ConfigLayer = {
  config: unknown;
  disabledReason?: string | null;
  name: ConfigLayerSource;
  version: string;
};

/** A part of the protocol. @internal */
export type ConfigLayerMetadata = {
  name: ConfigLayerSource;
  version: string;
};

/** A part of the protocol. @internal */
export type ConfigLayerSource =
  | {
    file: AbsolutePathBuf;
    type: "packagedDefaults";
  }
  | {
    domain: string;
    key: string;
    type: "mdm";
  }
  | {
    file: AbsolutePathBuf;
    type: "system";
  }
  | {
    id: string;
    name: string;
    type: "enterpriseManaged";
  }
  | {
    file: AbsolutePathBuf;
    profile?: string | null;
    type: "user";
  }
  | {
    dotCodexFolder: AbsolutePathBuf;
    type: "project";
  }
  | { type: "sessionFlags" }
  | {
    file: AbsolutePathBuf;
    type: "legacyManagedConfigTomlFromFile";
  }
  | { type: "legacyManagedConfigTomlFromMdm" };

/** The params of "config/read". @internal */
export type ConfigReadParams = {
  cwd?: string | null;
  includeLayers?: boolean;
};

/** The result of "config/read". @internal */
export type ConfigReadResponse = {
  config: Config;
  layers?: ConfigLayer[] | null;
  origins: { [key: string]: ConfigLayerMetadata };
};

/** A part of the protocol. @internal */
export type ConfigRequirements = {
  additionalDeveloperInstructions?: string | null;
  allowAppshots?: boolean | null;
  allowBrowserAndComputerUse?: boolean | null;
  allowLoginShell?: boolean | null;
  allowManagedHooksOnly?: boolean | null;
  allowRemoteControl?: boolean | null;
  allowedApprovalPolicies?: AskForApproval[] | null;
  allowedApprovalsReviewers?: ApprovalsReviewer[] | null;
  allowedLoginMethods?: ForcedLoginMethod[] | null;
  allowedPermissionProfiles?: { [key: string]: boolean } | null;
  allowedSandboxModes?: SandboxMode[] | null;
  allowedWebSearchModes?: WebSearchMode[] | null;
  allowedWindowsSandboxImplementations?: WindowsSandboxImplementation[] | null;
  application?: ApplicationRequirements | null;
  autoReview?: AutoReviewRequirements | null;
  browserUse?: BrowserUseRequirements | null;
  chatgptBaseUrl?: string | null;
  checkForUpdateOnStartup?: boolean | null;
  cliAuthCredentialsStore?: CliAuthCredentialsStoreMode | null;
  computerUse?: ComputerUseRequirements | null;
  defaultPermissions?: string | null;
  enforceResidency?: ResidencyRequirement | null;
  featureRequirements?: { [key: string]: boolean } | null;
  feedback?: FeedbackRequirements | null;
  hooks?: ManagedHooksRequirements | null;
  inAppBrowser?: InAppBrowserRequirements | null;
  logDir?: string | null;
  modelCatalogJson?: string | null;
  modelProvider?: string | null;
  modelProviders?: { [key: string]: unknown } | null;
  models?: ModelsRequirements | null;
  network?: NetworkRequirements | null;
  otel?: OtelRequirements | null;
  sqliteHome?: string | null;
};

/** The result of "configRequirements/read". @internal */
export type ConfigRequirementsReadResponse = {
  requirements?: ConfigRequirements | null;
  supportsIndependentSpeedModes?: boolean | null;
};

/** The params of "config/value/write". @internal */
export type ConfigValueWriteParams = {
  expectedVersion?: string | null;
  filePath?: string | null;
  keyPath: string;
  mergeStrategy: MergeStrategy;
  value: unknown;
};

/** The params of "configWarning". @internal */
export type ConfigWarningNotification = {
  details?: string | null;
  path?: string | null;
  range?: TextRange | null;
  summary: string;
};

/** The result of "config/batchWrite" and "config/value/write". @internal */
export type ConfigWriteResponse = {
  filePath: AbsolutePathBuf;
  overriddenMetadata?: OverriddenMetadata | null;
  status: WriteStatus;
  version: string;
};

/** A part of the protocol. @internal */
export type ConfigurationReasoning = { effort: ReasoningEffort };

/** A part of the protocol. @internal */
export type ConfiguredHookHandler =
  | {
    additionalContextLimit?: number | null;
    async: boolean;
    command: string;
    commandWindows?: string | null;
    statusMessage?: string | null;
    timeoutSec?: number | null;
    type: "command";
  }
  | {
    input: { [key: string]: unknown };
    server: string;
    statusMessage?: string | null;
    timeoutSec?: number | null;
    tool: string;
    type: "mcp_tool";
  }
  | { type: "prompt" }
  | { type: "agent" };

/** A part of the protocol. @internal */
export type ConfiguredHookMatcherGroup = {
  hooks: ConfiguredHookHandler[];
  matcher?: string | null;
};

/** A part of the protocol. @internal */
export type ConnectorMetadata = {
  description?: string | null;
  distributionChannel?: string | null;
  iconUrl?: string | null;
  iconUrlDark?: string | null;
  id: string;
  installUrl?: string | null;
  name: string;
  pluginDisplayNames?: string[];
  toolSummaries?: AppToolSummary[] | null;
};

/** A part of the protocol. @internal */
export type ConsumeAccountRateLimitResetCreditOutcome =
  | "reset"
  | "nothingToReset"
  | "noCredit"
  | "alreadyRedeemed";

/** The params of "account/rateLimitResetCredit/consume". @internal */
export type ConsumeAccountRateLimitResetCreditParams = {
  creditId?: string | null;
  idempotencyKey: string;
};

/** The result of "account/rateLimitResetCredit/consume". @internal */
export type ConsumeAccountRateLimitResetCreditResponse = {
  outcome: ConsumeAccountRateLimitResetCreditOutcome;
};

/** A part of the protocol. @internal */
export type ContentItem =
  | {
    text: string;
    type: "input_text";
  }
  | (
    & {
      detail?: ImageDetail | null;
      type: "input_image";
    }
    & ({ image_url: string } | { file_id: string })
  )
  | ({ type: "input_audio" } & ({ audio_url: string } | { file_id: string }))
  | {
    annotations?: unknown[] | null;
    logprobs?: unknown[] | null;
    text: string;
    type: "output_text";
  };

/** The params of "thread/compacted". @internal */
export type ContextCompactedNotification = {
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type ConversationTextRole = "user" | "developer" | "assistant";

/** A part of the protocol. @internal */
export type CreditsSnapshot = {
  balance?: string | null;
  hasCredits: boolean;
  unlimited: boolean;
};

/** The params of "currentTime/read". @internal */
export type CurrentTimeReadParams = { threadId: string };

/** The result of "currentTime/read". @internal */
export type CurrentTimeReadResponse = { currentTimeAt: number };

/** A part of the protocol. @internal */
export type CyberAccessProgram = "standard" | "daybreakBlue" | "daybreakRed";

/** The params of "deprecationNotice". @internal */
export type DeprecationNoticeNotification = {
  details?: string | null;
  summary: string;
};

/** A part of the protocol. @internal */
export type DesktopOnboardingEntrypoint = "life_sciences";

/** A part of the protocol. @internal */
export type DynamicToolCallOutputContentItem =
  | {
    text: string;
    type: "inputText";
  }
  | {
    imageUrl: string;
    type: "inputImage";
  }
  | {
    audioUrl: string;
    type: "inputAudio";
  };

/** The params of "item/tool/call". @internal */
export type DynamicToolCallParams = {
  arguments: unknown;
  callId: string;
  namespace?: string | null;
  threadId: string;
  tool: string;
  turnId: string;
};

/** The result of "item/tool/call". @internal */
export type DynamicToolCallResponse = {
  contentItems: DynamicToolCallOutputContentItem[];
  success: boolean;
};

/** A part of the protocol. @internal */
export type DynamicToolCallStatus = "inProgress" | "completed" | "failed";

/** A part of the protocol. @internal */
export type DynamicToolNamespaceTool = {
  deferLoading?: boolean;
  description: string;
  inputSchema: unknown;
  name: string;
  type: "function";
};

/** A part of the protocol. @internal */
export type DynamicToolSpec =
  | {
    deferLoading?: boolean;
    description: string;
    inputSchema: unknown;
    name: string;
    type: "function";
  }
  | {
    description: string;
    name: string;
    tools: DynamicToolNamespaceTool[];
    type: "namespace";
  };

/** The params of "environment/add". @internal */
export type EnvironmentAddParams = {
  authBearerToken?: string | null;
  connectTimeoutMs?: number | null;
  environmentId: string;
  execServerUrl: string;
  skills?: EnvironmentSkillsParams | null;
  websocketRequestId?: string | null;
};

/** The result of "environment/add". @internal */
export type EnvironmentAddResponse = { [key: string]: unknown };

/** The params of "thread/environment/connected" and "thread/environment/disconnected". @internal */
export type EnvironmentConnectionNotification = {
  environmentId: string;
  threadId: string;
};

/** The params of "environment/info". @internal */
export type EnvironmentInfoParams = { environmentId: string };

/** The result of "environment/info". @internal */
export type EnvironmentInfoResponse = {
  cwd?: PathUri | null;
  shell: EnvironmentShellInfo;
};

/** A part of the protocol. @internal */
export type EnvironmentShellInfo = {
  name: string;
  path: string;
};

/** A part of the protocol. @internal */
export type EnvironmentSkillsParams = { required?: string[] | null };

/** A part of the protocol. @internal */
export type EnvironmentStatusKind = "ready" | "pending" | "disconnected" | "unknown";

/** The params of "environment/status". @internal */
export type EnvironmentStatusParams = { environmentId: string };

/** The result of "environment/status". @internal */
export type EnvironmentStatusResponse = {
  error?: string | null;
  status: EnvironmentStatusKind;
};

/** The params of "error". @internal */
export type ErrorNotification = {
  error: TurnError;
  threadId: string;
  turnId: string;
  willRetry: boolean;
};

/** The params of "execCommandApproval". @internal */
export type ExecCommandApprovalParams = {
  approvalId?: string | null;
  callId: string;
  command: string[];
  conversationId: ThreadId;
  cwd: string;
  parsedCmd: ParsedCommand[];
  reason?: string | null;
};

/** The result of "execCommandApproval". @internal */
export type ExecCommandApprovalResponse = { decision: ReviewDecision };

/** A part of the protocol. @internal */
export type ExperimentalFeature = {
  announcement?: string | null;
  defaultEnabled: boolean;
  description?: string | null;
  displayName?: string | null;
  enabled: boolean;
  name: string;
  stage: ExperimentalFeatureStage;
};

/** The params of "experimentalFeature/enablement/set". @internal */
export type ExperimentalFeatureEnablementSetParams = { enablement: { [key: string]: boolean } };

/** The result of "experimentalFeature/enablement/set". @internal */
export type ExperimentalFeatureEnablementSetResponse = { enablement: { [key: string]: boolean } };

/** The params of "experimentalFeature/list". @internal */
export type ExperimentalFeatureListParams = {
  cursor?: string | null;
  limit?: number | null;
  threadId?: string | null;
};

/** The result of "experimentalFeature/list". @internal */
export type ExperimentalFeatureListResponse = {
  data: ExperimentalFeature[];
  nextCursor?: string | null;
};

/** A part of the protocol. @internal */
export type ExperimentalFeatureStage =
  | "beta"
  | "underDevelopment"
  | "stable"
  | "deprecated"
  | "removed";

/** The params of "externalAgentConfig/detect". @internal */
export type ExternalAgentConfigDetectParams = {
  cwds?: string[] | null;
  includeHome?: boolean;
  maxSessionAgeDays?: number | null;
  maxSessions?: number | null;
  migrationSource?: string | null;
  source?: string | null;
};

/** The result of "externalAgentConfig/detect". @internal */
export type ExternalAgentConfigDetectResponse = {
  connectors?: ExternalAgentDetectedConnectorCandidate[];
  items: ExternalAgentConfigMigrationItem[];
};

/** The params of "externalAgentConfig/import/completed". @internal */
export type ExternalAgentConfigImportCompletedNotification = {
  importId: string;
  itemTypeResults: ExternalAgentConfigImportTypeResult[];
};

/** The result of "externalAgentConfig/import/readHistories". @internal */
export type ExternalAgentConfigImportHistoriesReadResponse = {
  connectors: ExternalAgentImportedConnectorCandidate[];
  data: ExternalAgentConfigImportHistory[];
};

/** A part of the protocol. @internal */
export type ExternalAgentConfigImportHistory = {
  completedAtMs: number;
  failures: ExternalAgentConfigImportItemTypeFailure[];
  importId: string;
  providerId?: string | null;
  successes: ExternalAgentConfigImportItemTypeSuccess[];
};

/** The params of "externalAgentConfig/import/recordHistory". @internal */
export type ExternalAgentConfigImportHistoryRecordParams = {
  itemTypeResults: ExternalAgentConfigImportHistoryRecordTypeResultParams[];
  providerId: string;
};

/** The result of "externalAgentConfig/import/recordHistory". @internal */
export type ExternalAgentConfigImportHistoryRecordResponse = { importId: string };

/** A part of the protocol. @internal */
export type ExternalAgentConfigImportHistoryRecordSuccessParams = {
  cwd?: string | null;
  itemType: ExternalAgentConfigMigrationItemType;
  source?: string | null;
  target?: string | null;
  title?: string | null;
};

/** A part of the protocol. @internal */
export type ExternalAgentConfigImportHistoryRecordTypeResultParams = {
  failures: ExternalAgentConfigImportItemTypeFailure[];
  itemType: ExternalAgentConfigMigrationItemType;
  successes: ExternalAgentConfigImportHistoryRecordSuccessParams[];
};

/** A part of the protocol. @internal */
export type ExternalAgentConfigImportItemTypeFailure = {
  cwd?: string | null;
  errorType?: string | null;
  failureStage: string;
  itemType: ExternalAgentConfigMigrationItemType;
  message: string;
  source?: string | null;
  subErrorType?: string | null;
};

/** A part of the protocol. @internal */
export type ExternalAgentConfigImportItemTypeSuccess = {
  cwd?: string | null;
  itemType: ExternalAgentConfigMigrationItemType;
  source?: string | null;
  target?: string | null;
  title?: string | null;
};

/** The params of "externalAgentConfig/import". @internal */
export type ExternalAgentConfigImportParams = {
  migrationItems: ExternalAgentConfigMigrationItem[];
  migrationSource?: string | null;
  providerId?: string | null;
  source?: string | null;
};

/** The params of "externalAgentConfig/import/progress". @internal */
export type ExternalAgentConfigImportProgressNotification = {
  importId: string;
  itemTypeResults: ExternalAgentConfigImportTypeResult[];
};

/** The result of "externalAgentConfig/import". @internal */
export type ExternalAgentConfigImportResponse = { importId: string };

/** A part of the protocol. @internal */
export type ExternalAgentConfigImportTypeResult = {
  failures: ExternalAgentConfigImportItemTypeFailure[];
  itemType: ExternalAgentConfigMigrationItemType;
  successes: ExternalAgentConfigImportItemTypeSuccess[];
};

/** A part of the protocol. @internal */
export type ExternalAgentConfigMigrationItem = {
  cwd?: string | null;
  description: string;
  details?: MigrationDetails | null;
  itemType: ExternalAgentConfigMigrationItemType;
};

/** A part of the protocol. @internal */
export type ExternalAgentConfigMigrationItemType =
  | "AGENTS_MD"
  | "CONFIG"
  | "SKILLS"
  | "PLUGINS"
  | "MCP_SERVER_CONFIG"
  | "SUBAGENTS"
  | "HOOKS"
  | "COMMANDS"
  | "MEMORY"
  | "SESSIONS";

/** A part of the protocol. @internal */
export type ExternalAgentDetectedConnectorCandidate = {
  name: string;
  sessionCount: number;
  source: ExternalAgentDetectedConnectorSource;
};

/** A part of the protocol. @internal */
export type ExternalAgentDetectedConnectorSource = "remoteMcpServersConfig" | "sessionToolUse";

/** A part of the protocol. @internal */
export type ExternalAgentImportedConnectorCandidate = {
  name: string;
  sessionCount: number;
  source: ExternalAgentImportedConnectorSource;
};

/** A part of the protocol. @internal */
export type ExternalAgentImportedConnectorSource = "remoteMcpServersConfig";

/** A part of the protocol. @internal */
export type FeedbackRequirements = { enabled?: boolean | null };

/** The params of "feedback/save". @internal */
export type FeedbackSaveParams = {
  classification: string;
  extraLogFiles?: string[] | null;
  includeLogs?: boolean;
  reason?: string | null;
  savePath: LegacyAppPathString;
  tags?: { [key: string]: string } | null;
  threadId?: string | null;
};

/** The result of "feedback/save". @internal */
export type FeedbackSaveResponse = {
  promptHash?: string | null;
  savedPath: LegacyAppPathString;
  threadId: string;
};

/** The params of "feedback/upload". @internal */
export type FeedbackUploadParams = {
  classification: string;
  extraLogFiles?: string[] | null;
  includeLogs?: boolean;
  reason?: string | null;
  tags?: { [key: string]: string } | null;
  threadId?: string | null;
};

/** The result of "feedback/upload". @internal */
export type FeedbackUploadResponse = {
  promptHash?: string | null;
  threadId: string;
};

/** A part of the protocol. @internal */
export type FileChange =
  | {
    content: string;
    type: "add";
  }
  | {
    content: string;
    type: "delete";
  }
  | {
    move_path?: string | null;
    type: "update";
    unified_diff: string;
  };

/** A part of the protocol. @internal */
export type FileChangeApprovalDecision = "accept" | "acceptForSession" | "decline" | "cancel";

/** The params of "item/fileChange/outputDelta". @internal */
export type FileChangeOutputDeltaNotification = {
  delta: string;
  itemId: string;
  threadId: string;
  turnId: string;
};

/** The params of "item/fileChange/patchUpdated". @internal */
export type FileChangePatchUpdatedNotification = {
  changes: FileUpdateChange[];
  itemId: string;
  threadId: string;
  turnId: string;
};

/** The params of "item/fileChange/requestApproval". @internal */
export type FileChangeRequestApprovalParams = {
  grantRoot?: string | null;
  itemId: string;
  reason?: string | null;
  startedAtMs: number;
  threadId: string;
  turnId: string;
};

/** The result of "item/fileChange/requestApproval". @internal */
export type FileChangeRequestApprovalResponse = { decision: FileChangeApprovalDecision };

/** A part of the protocol. @internal */
export type FileSystemAccessMode = "read" | "write" | "deny";

/** A part of the protocol. @internal */
export type FileSystemPath =
  | {
    path: LegacyAppPathString;
    type: "path";
  }
  | {
    pattern: string;
    type: "glob_pattern";
  }
  | {
    type: "special";
    value: FileSystemSpecialPath;
  };

/** A part of the protocol. @internal */
export type FileSystemSandboxEntry = {
  access: FileSystemAccessMode;
  path: FileSystemPath;
};

/** A part of the protocol. @internal */
export type FileSystemSpecialPath =
  | { kind: "root" }
  | { kind: "minimal" }
  | {
    kind: "project_roots";
    subpath?: LegacyAppPathString | null;
  }
  | { kind: "tmpdir" }
  | { kind: "slash_tmp" }
  | {
    kind: "unknown";
    path: string;
    subpath?: LegacyAppPathString | null;
  };

/** A part of the protocol. @internal */
export type FileUpdateChange = {
  diff: string;
  kind: PatchChangeKind;
  path: string;
};

/** A part of the protocol. @internal */
export type ForcedChatgptWorkspaceIds = string | string[];

/** A part of the protocol. @internal */
export type ForcedLoginMethod = "chatgpt" | "api";

/** The params of "fs/changed". @internal */
export type FsChangedNotification = {
  changedPaths: AbsolutePathBuf[];
  watchId: string;
};

/** The params of "fs/copy". @internal */
export type FsCopyParams = {
  destinationPath: AbsolutePathBuf;
  recursive?: boolean;
  sourcePath: AbsolutePathBuf;
};

/** The result of "fs/copy". @internal */
export type FsCopyResponse = { [key: string]: unknown };

/** The params of "fs/createDirectory". @internal */
export type FsCreateDirectoryParams = {
  path: AbsolutePathBuf;
  recursive?: boolean | null;
};

/** The result of "fs/createDirectory". @internal */
export type FsCreateDirectoryResponse = { [key: string]: unknown };

/** The params of "fs/getMetadata". @internal */
export type FsGetMetadataParams = { path: AbsolutePathBuf };

/** The result of "fs/getMetadata". @internal */
export type FsGetMetadataResponse = {
  createdAtMs: number;
  isDirectory: boolean;
  isFile: boolean;
  isSymlink: boolean;
  modifiedAtMs: number;
};

/** A part of the protocol. @internal */
export type FsReadDirectoryEntry = {
  fileName: string;
  isDirectory: boolean;
  isFile: boolean;
};

/** The params of "fs/readDirectory". @internal */
export type FsReadDirectoryParams = { path: AbsolutePathBuf };

/** The result of "fs/readDirectory". @internal */
export type FsReadDirectoryResponse = { entries: FsReadDirectoryEntry[] };

/** The params of "fs/readFile". @internal */
export type FsReadFileParams = { path: AbsolutePathBuf };

/** The result of "fs/readFile". @internal */
export type FsReadFileResponse = { dataBase64: string };

/** The params of "fs/remove". @internal */
export type FsRemoveParams = {
  force?: boolean | null;
  path: AbsolutePathBuf;
  recursive?: boolean | null;
};

/** The result of "fs/remove". @internal */
export type FsRemoveResponse = { [key: string]: unknown };

/** The params of "fs/unwatch". @internal */
export type FsUnwatchParams = { watchId: string };

/** The result of "fs/unwatch". @internal */
export type FsUnwatchResponse = { [key: string]: unknown };

/** The params of "fs/watch". @internal */
export type FsWatchParams = {
  path: AbsolutePathBuf;
  watchId: string;
};

/** The result of "fs/watch". @internal */
export type FsWatchResponse = { path: AbsolutePathBuf };

/** The params of "fs/writeFile". @internal */
export type FsWriteFileParams = {
  dataBase64: string;
  path: AbsolutePathBuf;
};

/** The result of "fs/writeFile". @internal */
export type FsWriteFileResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type FunctionCallOutputBody = string | FunctionCallOutputContentItem[];

/** A part of the protocol. @internal */
export type FunctionCallOutputContentItem =
  | {
    text: string;
    type: "input_text";
  }
  | (
    & {
      detail?: ImageDetail | null;
      type: "input_image";
    }
    & ({ image_url: string } | { file_id: string })
  )
  | ({ type: "input_audio" } & ({ audio_url: string } | { file_id: string }))
  | {
    encrypted_content: string;
    type: "encrypted_content";
  };

/** A part of the protocol. @internal */
export type FuzzyFileSearchMatchType = "file" | "directory";

/** The params of "fuzzyFileSearch". @internal */
export type FuzzyFileSearchParams = {
  cancellationToken?: string | null;
  query: string;
  roots: string[];
};

/** The result of "fuzzyFileSearch". @internal */
export type FuzzyFileSearchResponse = { files: FuzzyFileSearchResult[] };

/** A part of the protocol. @internal */
export type FuzzyFileSearchResult = {
  file_name: string;
  indices?: number[] | null;
  match_type: FuzzyFileSearchMatchType;
  path: string;
  root: string;
  score: number;
};

/** The params of "fuzzyFileSearch/sessionCompleted". @internal */
export type FuzzyFileSearchSessionCompletedNotification = { sessionId: string };

/** The params of "fuzzyFileSearch/sessionStart". @internal */
export type FuzzyFileSearchSessionStartParams = {
  roots: string[];
  sessionId: string;
};

/** The result of "fuzzyFileSearch/sessionStart". @internal */
export type FuzzyFileSearchSessionStartResponse = { [key: string]: unknown };

/** The params of "fuzzyFileSearch/sessionStop". @internal */
export type FuzzyFileSearchSessionStopParams = { sessionId: string };

/** The result of "fuzzyFileSearch/sessionStop". @internal */
export type FuzzyFileSearchSessionStopResponse = { [key: string]: unknown };

/** The params of "fuzzyFileSearch/sessionUpdate". @internal */
export type FuzzyFileSearchSessionUpdateParams = {
  query: string;
  sessionId: string;
};

/** The result of "fuzzyFileSearch/sessionUpdate". @internal */
export type FuzzyFileSearchSessionUpdateResponse = { [key: string]: unknown };

/** The params of "fuzzyFileSearch/sessionUpdated". @internal */
export type FuzzyFileSearchSessionUpdatedNotification = {
  files: FuzzyFileSearchResult[];
  query: string;
  sessionId: string;
};

/** A part of the protocol. @internal */
export type GatewayAuth =
  | { mode: "none" }
  | {
    envKey: string;
    mode: "environmentVariable";
  }
  | {
    envKey?: string | null;
    mode: "externallyConfigured";
  };

/** The result of "account/gatewayOAuth/cancel". @internal */
export type GatewayOAuthCancelResponse = { [key: string]: unknown };

/** The params of "account/gatewayOAuth/changed". @internal */
export type GatewayOAuthChangedNotification = {
  authUrl?: string | null;
  error?: string | null;
  loginId?: string | null;
  providerId: string;
  status: GatewayOAuthStatus;
};

/** The params of "account/gatewayOAuth/login". @internal */
export type GatewayOAuthLoginParams = {
  deviceAuth?: boolean;
  modelProvider?: string | null;
};

/** The result of "account/gatewayOAuth/login". @internal */
export type GatewayOAuthLoginResponse = { prompt?: GatewayOAuthPrompt | null };

/** A part of the protocol. @internal */
export type GatewayOAuthPrompt = {
  loginId: string;
  userCode: string;
  verificationUrl: string;
};

/** The params of "account/gatewayOAuth/read". @internal */
export type GatewayOAuthReadParams = { modelProvider?: string | null };

/** The result of "account/gatewayOAuth/read". @internal */
export type GatewayOAuthReadResponse = {
  error?: string | null;
  providerId: string;
  providerName: string;
  required: boolean;
  status?: GatewayOAuthStatus | null;
  supportsDeviceAuth?: boolean;
};

/** A part of the protocol. @internal */
export type GatewayOAuthStatus = "notReady" | "started" | "succeeded" | "failed";

/** A part of the protocol. @internal */
export type GcpProviderId = "gcp";

/** The params of "account/gcp/setup". @internal */
export type GcpSetupParams = {
  credentialFile?: string | null;
  location?: string | null;
  projectId: string;
};

/** The result of "account/gcp/setup". @internal */
export type GcpSetupResponse = { [key: string]: unknown };

/** The params of "account/read". @internal */
export type GetAccountParams = { refreshToken?: boolean };

/** The params of "account/rateLimits/read". @internal */
export type GetAccountRateLimitsParams = {
  excludeResetCreditDetails?: boolean;
  supportsLunaReserve?: boolean;
};

/** The result of "account/rateLimits/read". @internal */
export type GetAccountRateLimitsResponse = {
  accountId?: string | null;
  ordinaryUsageAllowed?: boolean | null;
  rateLimitResetCredits?: RateLimitResetCreditsSummary | null;
  rateLimitUpsell?: unknown;
  rateLimits: RateLimitSnapshot;
  rateLimitsByLimitId?: { [key: string]: RateLimitSnapshot } | null;
};

/** The result of "account/read". @internal */
export type GetAccountResponse = {
  account?: Account | null;
  requiresOpenaiAuth: boolean;
  userId?: string | null;
  workspaceRouting?: WorkspaceRouting | null;
};

/** The result of "account/securitySetup/read". @internal */
export type GetAccountSecuritySetupResponse = { notice?: AccountSecuritySetupNotice | null };

/** The params of "account/usage/read". @internal */
export type GetAccountTokenUsageParams = { threadId?: string | null };

/** The result of "account/usage/read". @internal */
export type GetAccountTokenUsageResponse = {
  dailyUsageBuckets?: AccountTokenUsageDailyBucket[] | null;
  summary: AccountTokenUsageSummary;
  threadUsage?: ThreadUsage | null;
};

/** The result of "account/workspaceMessages/read". @internal */
export type GetWorkspaceMessagesResponse = {
  featureEnabled: boolean;
  messages: WorkspaceMessage[];
};

/** A part of the protocol. @internal */
export type GitInfo = {
  branch?: string | null;
  originUrl?: string | null;
  sha?: string | null;
};

/** A part of the protocol. @internal */
export type GrantedPermissionProfile = {
  fileSystem?: AdditionalFileSystemPermissions | null;
  network?: AdditionalNetworkPermissions | null;
};

/** A part of the protocol. @internal */
export type GuardianApprovalReview = {
  rationale?: string | null;
  riskLevel?: GuardianRiskLevel | null;
  status: GuardianApprovalReviewStatus;
  userAuthorization?: GuardianUserAuthorization | null;
};

/** A part of the protocol. @internal */
export type GuardianApprovalReviewAction =
  | {
    command: string;
    cwd: LegacyAppPathString;
    source: GuardianCommandSource;
    type: "command";
  }
  | {
    argv: string[];
    cwd: AbsolutePathBuf;
    program: string;
    source: GuardianCommandSource;
    type: "execve";
  }
  | {
    approvalId: string;
    cwd: LegacyAppPathString;
    processId: string;
    stdin: string;
    type: "writeStdin";
  }
  | {
    cwd: LegacyAppPathString;
    files: LegacyAppPathString[];
    type: "applyPatch";
  }
  | {
    host: string;
    port: number;
    protocol: NetworkApprovalProtocol;
    target: string;
    type: "networkAccess";
  }
  | {
    connectorId?: string | null;
    connectorName?: string | null;
    server: string;
    toolName: string;
    toolTitle?: string | null;
    type: "mcpToolCall";
  }
  | {
    permissions: RequestPermissionProfile;
    reason?: string | null;
    type: "requestPermissions";
  };

/** A part of the protocol. @internal */
export type GuardianApprovalReviewStatus =
  | "inProgress"
  | "approved"
  | "denied"
  | "timedOut"
  | "aborted";

/** A part of the protocol. @internal */
export type GuardianAssessmentOutcome = "allow" | "deny";

/** A part of the protocol. @internal */
export type GuardianCommandSource = "shell" | "unifiedExec";

/** A part of the protocol. @internal */
export type GuardianRiskLevel = "low" | "medium" | "high" | "critical";

/** A part of the protocol. @internal */
export type GuardianUserAuthorization = "unknown" | "low" | "medium" | "high";

/** The params of "guardianWarning". @internal */
export type GuardianWarningNotification = {
  message: string;
  threadId: string;
};

/** The params of "hook/completed". @internal */
export type HookCompletedNotification = {
  run: HookRunSummary;
  threadId: string;
  turnId?: string | null;
};

/** A part of the protocol. @internal */
export type HookErrorInfo = {
  message: string;
  path: string;
};

/** A part of the protocol. @internal */
export type HookEventName =
  | "preModelRequest"
  | "postModelRequest"
  | "preToolUse"
  | "permissionRequest"
  | "postToolUse"
  | "preCompact"
  | "postCompact"
  | "sessionStart"
  | "sessionEnd"
  | "userPromptSubmit"
  | "subagentStart"
  | "subagentStop"
  | "stop"
  | "interrupt";

/** A part of the protocol. @internal */
export type HookExecutionMode = "sync" | "async";

/** A part of the protocol. @internal */
export type HookHandlerType = "command" | "mcpTool" | "prompt" | "agent";

/** A part of the protocol. @internal */
export type HookMetadata =
  & {
    additionalContextLimit?: number | null;
    currentHash: string;
    displayOrder: number;
    enabled: boolean;
    environmentId?: string | null;
    eventName: HookEventName;
    isManaged: boolean;
    key: string;
    matcher?: string | null;
    pluginId?: string | null;
    source: HookSource;
    sourcePath: AbsolutePathBuf;
    statusMessage?: string | null;
    timeoutSec: number;
    trustStatus: HookTrustStatus;
  }
  & (
    | {
      async?: boolean;
      command: string;
      handlerType: "command";
    }
    | {
      handlerType: "mcpTool";
      server: string;
      tool: string;
    }
    | { handlerType: "prompt" }
    | { handlerType: "agent" }
  );

/** A part of the protocol. @internal */
export type HookMigration = { name: string };

/** A part of the protocol. @internal */
export type HookOutputEntry = {
  kind: HookOutputEntryKind;
  text: string;
};

/** A part of the protocol. @internal */
export type HookOutputEntryKind = "warning" | "stop" | "feedback" | "context" | "error";

/** A part of the protocol. @internal */
export type HookPromptFragment = {
  hookRunId: string;
  text: string;
};

/** A part of the protocol. @internal */
export type HookRunStatus = "running" | "completed" | "failed" | "blocked" | "stopped";

/** A part of the protocol. @internal */
export type HookRunSummary = {
  completedAt?: number | null;
  displayOrder: number;
  durationMs?: number | null;
  entries: HookOutputEntry[];
  eventName: HookEventName;
  executionMode: HookExecutionMode;
  handlerType: HookHandlerType;
  id: string;
  scope: HookScope;
  source?: HookSource;
  sourcePath: LegacyAppPathString;
  startedAt: number;
  status: HookRunStatus;
  statusMessage?: string | null;
};

/** A part of the protocol. @internal */
export type HookScope = "thread" | "turn";

/** A part of the protocol. @internal */
export type HookSource =
  | "system"
  | "user"
  | "project"
  | "mdm"
  | "sessionFlags"
  | "plugin"
  | "cloudRequirements"
  | "cloudManagedConfig"
  | "legacyManagedConfigFile"
  | "legacyManagedConfigMdm"
  | "unknown";

/** The params of "hook/started". @internal */
export type HookStartedNotification = {
  run: HookRunSummary;
  threadId: string;
  turnId?: string | null;
};

/** A part of the protocol. @internal */
export type HookTrustStatus = "managed" | "untrusted" | "trusted" | "modified";

/** A part of the protocol. @internal */
export type HooksListEntry = {
  cwd: string;
  errors: HookErrorInfo[];
  hooks: HookMetadata[];
  warnings: string[];
};

/** The params of "hooks/list". @internal */
export type HooksListParams = {
  cwds?: string[];
  threadId?: string | null;
};

/** The result of "hooks/list". @internal */
export type HooksListResponse = { data: HooksListEntry[] };

/** A part of the protocol. @internal */
export type ImageDetail = "auto" | "low" | "high" | "original";

/** A part of the protocol. @internal */
export type ImageGenerationFailure = {
  limitId: string;
  resetsAt?: number | null;
  type: "usageLimitExceeded";
};

/** A part of the protocol. @internal */
export type ImageGenerationInputImage = {
  path: AbsolutePathBuf;
  sha256: string;
};

/** A part of the protocol. @internal */
export type InAppBrowserRequirements = { allowExternalBrowserSettingsImport?: boolean | null };

/** A part of the protocol. @internal */
export type InitializeCapabilities = {
  experimentalApi?: boolean;
  explicitGatewayOauth?: boolean;
  extensions?: { [key: string]: unknown } | null;
  mcpServerOpenaiFormElicitation?: boolean;
  optOutNotificationMethods?: string[] | null;
  requestAttestation?: boolean;
  requiredHumanApproval?: boolean;
};

/** The params of "initialize". @internal */
export type InitializeParams = {
  capabilities?: InitializeCapabilities | null;
  clientInfo: ClientInfo;
};

/** The result of "initialize". @internal */
export type InitializeResponse = {
  codexHome: AbsolutePathBuf;
  platformFamily: string;
  platformOs: string;
  userAgent: string;
};

/** A part of the protocol. @internal */
export type InputModality = "text" | "image" | "audio";

/** A part of the protocol. @internal */
export type InstalledApp = {
  callable: boolean;
  enabled: boolean;
  id: string;
  runtimeName?: string | null;
};

/** A part of the protocol. @internal */
export type InternalChatMessageMetadataPassthrough = { turn_id?: string | null };

/** The params of "item/completed". @internal */
export type ItemCompletedNotification = {
  completedAtMs: number;
  contentTokenCount?: number | null;
  item: ThreadItem;
  threadId: string;
  turnId: string;
};

/** The params of "item/autoApprovalReview/completed". @internal */
export type ItemGuardianApprovalReviewCompletedNotification = {
  action: GuardianApprovalReviewAction;
  completedAtMs: number;
  decisionSource: AutoReviewDecisionSource;
  review: GuardianApprovalReview;
  reviewId: string;
  startedAtMs: number;
  targetItemId?: string | null;
  threadId: string;
  turnId: string;
};

/** The params of "item/autoApprovalReview/started". @internal */
export type ItemGuardianApprovalReviewStartedNotification = {
  action: GuardianApprovalReviewAction;
  review: GuardianApprovalReview;
  reviewId: string;
  startedAtMs: number;
  targetItemId?: string | null;
  threadId: string;
  turnId: string;
};

/** The params of "item/started". @internal */
export type ItemStartedNotification = {
  item: ThreadItem;
  startedAtMs: number;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type JSONRPCError = {
  error: JSONRPCErrorError;
  id: RequestId;
};

/** A part of the protocol. @internal */
export type JSONRPCErrorError = {
  code: number;
  data?: unknown;
  message: string;
};

/** A part of the protocol. @internal */
export type JSONRPCMessage = JSONRPCRequest | JSONRPCNotification | JSONRPCResponse | JSONRPCError;

/** A part of the protocol. @internal */
export type JSONRPCNotification = {
  method: string;
  params?: unknown;
};

/** A part of the protocol. @internal */
export type JSONRPCRequest = {
  id: RequestId;
  method: string;
  params?: unknown;
  trace?: W3cTraceContext | null;
};

/** A part of the protocol. @internal */
export type JSONRPCResponse = {
  id: RequestId;
  result: unknown;
};

/** A part of the protocol. @internal */
export type LegacyAppPathString = string;

/** The params of "mcpServerStatus/list". @internal */
export type ListMcpServerStatusParams = {
  cursor?: string | null;
  detail?: McpServerStatusDetail | null;
  limit?: number | null;
  serverName?: string | null;
  threadId?: string | null;
};

/** The result of "mcpServerStatus/list". @internal */
export type ListMcpServerStatusResponse = {
  data: McpServerStatus[];
  nextCursor?: string | null;
};

/** A part of the protocol. @internal */
export type LocalShellAction = {
  command: string[];
  env?: { [key: string]: string } | null;
  timeout_ms?: number | null;
  type: "exec";
  user?: string | null;
  working_directory?: string | null;
};

/** A part of the protocol. @internal */
export type LocalShellStatus = "completed" | "in_progress" | "incomplete";

/** The params of "account/login/start". @internal */
export type LoginAccountParams =
  | {
    apiKey: string;
    type: "apiKey";
  }
  | {
    appBrand?: LoginAppBrand | null;
    codexStreamlinedLogin?: boolean;
    type: "chatgpt";
    useHostedLoginSuccessPage?: boolean;
  }
  | { type: "chatgptDeviceCode" }
  | {
    accessToken: string;
    chatgptAccountId: string;
    chatgptPlanType?: string | null;
    type: "chatgptAuthTokens";
  }
  | {
    apiKey: string;
    region: string;
    type: "amazonBedrock";
  }
  | {
    accessKeyId: string;
    region: string;
    secretAccessKey: string;
    sessionToken?: string | null;
    type: "amazonBedrockAccessKeys";
  };

/** The result of "account/login/start". @internal */
export type LoginAccountResponse =
  | { type: "apiKey" }
  | {
    authUrl: string;
    loginId: string;
    type: "chatgpt";
  }
  | {
    loginId: string;
    type: "chatgptDeviceCode";
    userCode: string;
    verificationUrl: string;
  }
  | { type: "chatgptAuthTokens" }
  | { type: "amazonBedrock" };

/** A part of the protocol. @internal */
export type LoginAppBrand = "codex" | "chatgpt";

/** The result of "account/logout". @internal */
export type LogoutAccountResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ManagedHooksRequirements = {
  Interrupt?: ConfiguredHookMatcherGroup[];
  PermissionRequest: ConfiguredHookMatcherGroup[];
  PostCompact: ConfiguredHookMatcherGroup[];
  PostModelRequest?: ConfiguredHookMatcherGroup[];
  PostToolUse: ConfiguredHookMatcherGroup[];
  PreCompact: ConfiguredHookMatcherGroup[];
  PreModelRequest?: ConfiguredHookMatcherGroup[];
  PreToolUse: ConfiguredHookMatcherGroup[];
  SessionEnd?: ConfiguredHookMatcherGroup[];
  SessionStart: ConfiguredHookMatcherGroup[];
  Stop: ConfiguredHookMatcherGroup[];
  SubagentStart: ConfiguredHookMatcherGroup[];
  SubagentStop: ConfiguredHookMatcherGroup[];
  UserPromptSubmit: ConfiguredHookMatcherGroup[];
  managedDir?: string | null;
  windowsManagedDir?: string | null;
};

/** The params of "marketplace/add". @internal */
export type MarketplaceAddParams = {
  refName?: string | null;
  source: string;
  sparsePaths?: string[] | null;
};

/** The result of "marketplace/add". @internal */
export type MarketplaceAddResponse = {
  alreadyAdded: boolean;
  installedRoot: AbsolutePathBuf;
  marketplaceName: string;
};

/** A part of the protocol. @internal */
export type MarketplaceInterface = { displayName?: string | null };

/** A part of the protocol. @internal */
export type MarketplaceLoadErrorInfo = {
  marketplacePath: AbsolutePathBuf;
  message: string;
};

/** The params of "marketplace/remove". @internal */
export type MarketplaceRemoveParams = { marketplaceName: string };

/** The result of "marketplace/remove". @internal */
export type MarketplaceRemoveResponse = {
  installedRoot?: AbsolutePathBuf | null;
  marketplaceName: string;
};

/** A part of the protocol. @internal */
export type MarketplaceUpgradeErrorInfo = {
  marketplaceName: string;
  message: string;
};

/** The params of "marketplace/upgrade". @internal */
export type MarketplaceUpgradeParams = { marketplaceName?: string | null };

/** The result of "marketplace/upgrade". @internal */
export type MarketplaceUpgradeResponse = {
  errors: MarketplaceUpgradeErrorInfo[];
  selectedMarketplaces: string[];
  upgradedRoots: AbsolutePathBuf[];
};

/** A part of the protocol. @internal */
export type McpAppDisplayMode = "inline" | "fullscreen";

/** A part of the protocol. @internal */
export type McpAppUi = {
  preferredModelDisplayMode: McpAppDisplayMode;
  resourceUri: string;
};

/** A part of the protocol. @internal */
export type McpAuthStatus = "unknown" | "unsupported" | "notLoggedIn" | "bearerToken" | "oAuth";

/** A part of the protocol. @internal */
export type McpElicitationArrayType = "array";

/** A part of the protocol. @internal */
export type McpElicitationBooleanSchema = {
  default?: boolean | null;
  description?: string | null;
  title?: string | null;
  type: McpElicitationBooleanType;
};

/** A part of the protocol. @internal */
export type McpElicitationBooleanType = "boolean";

/** A part of the protocol. @internal */
export type McpElicitationConstOption = {
  const: string;
  title: string;
};

/** A part of the protocol. @internal */
export type McpElicitationEnumSchema =
  | McpElicitationSingleSelectEnumSchema
  | McpElicitationMultiSelectEnumSchema
  | McpElicitationLegacyTitledEnumSchema;

/** A part of the protocol. @internal */
export type McpElicitationLegacyTitledEnumSchema = {
  default?: string | null;
  description?: string | null;
  enum: string[];
  enumNames?: string[] | null;
  title?: string | null;
  type: McpElicitationStringType;
};

/** A part of the protocol. @internal */
export type McpElicitationMultiSelectEnumSchema =
  | McpElicitationUntitledMultiSelectEnumSchema
  | McpElicitationTitledMultiSelectEnumSchema;

/** A part of the protocol. @internal */
export type McpElicitationNumberSchema = {
  default?: number | null;
  description?: string | null;
  maximum?: number | null;
  minimum?: number | null;
  title?: string | null;
  type: McpElicitationNumberType;
};

/** A part of the protocol. @internal */
export type McpElicitationNumberType = "number" | "integer";

/** A part of the protocol. @internal */
export type McpElicitationObjectType = "object";

/** A part of the protocol. @internal */
export type McpElicitationPrimitiveSchema =
  | McpElicitationEnumSchema
  | McpElicitationStringSchema
  | McpElicitationNumberSchema
  | McpElicitationBooleanSchema;

/** A part of the protocol. @internal */
export type McpElicitationSchema = {
  $schema?: string | null;
  properties: { [key: string]: McpElicitationPrimitiveSchema };
  required?: string[] | null;
  type: McpElicitationObjectType;
};

/** A part of the protocol. @internal */
export type McpElicitationSingleSelectEnumSchema =
  | McpElicitationUntitledSingleSelectEnumSchema
  | McpElicitationTitledSingleSelectEnumSchema;

/** A part of the protocol. @internal */
export type McpElicitationStringFormat = "email" | "uri" | "date" | "date-time";

/** A part of the protocol. @internal */
export type McpElicitationStringSchema = {
  default?: string | null;
  description?: string | null;
  format?: McpElicitationStringFormat | null;
  maxLength?: number | null;
  minLength?: number | null;
  title?: string | null;
  type: McpElicitationStringType;
};

/** A part of the protocol. @internal */
export type McpElicitationStringType = "string";

/** A part of the protocol. @internal */
export type McpElicitationTitledEnumItems = { anyOf: McpElicitationConstOption[] };

/** A part of the protocol. @internal */
export type McpElicitationTitledMultiSelectEnumSchema = {
  default?: string[] | null;
  description?: string | null;
  items: McpElicitationTitledEnumItems;
  maxItems?: number | null;
  minItems?: number | null;
  title?: string | null;
  type: McpElicitationArrayType;
};

/** A part of the protocol. @internal */
export type McpElicitationTitledSingleSelectEnumSchema = {
  default?: string | null;
  description?: string | null;
  oneOf: McpElicitationConstOption[];
  title?: string | null;
  type: McpElicitationStringType;
};

/** A part of the protocol. @internal */
export type McpElicitationUntitledEnumItems = {
  enum: string[];
  type: McpElicitationStringType;
};

/** A part of the protocol. @internal */
export type McpElicitationUntitledMultiSelectEnumSchema = {
  default?: string[] | null;
  description?: string | null;
  items: McpElicitationUntitledEnumItems;
  maxItems?: number | null;
  minItems?: number | null;
  title?: string | null;
  type: McpElicitationArrayType;
};

/** A part of the protocol. @internal */
export type McpElicitationUntitledSingleSelectEnumSchema = {
  default?: string | null;
  description?: string | null;
  enum: string[];
  title?: string | null;
  type: McpElicitationStringType;
};

/** The params of "mcpServer/resource/read". @internal */
export type McpResourceReadParams = {
  _meta?: { [key: string]: unknown } | null;
  connectorId?: string | null;
  originCallId?: string | null;
  server: string;
  target?: McpResourceReadTarget | null;
  threadId?: string | null;
  uri: string;
};

/** The result of "mcpServer/resource/read". @internal */
export type McpResourceReadResponse = {
  contents: ResourceContent[];
  originCallId?: string | null;
};

/** A part of the protocol. @internal */
export type McpResourceReadTarget = {
  connectorId: string;
  linkId: string | null;
};

/** A part of the protocol. @internal */
export type McpServerConnectionStatus =
  | "notStarted"
  | "starting"
  | "connected"
  | "authenticationRequired"
  | "failed"
  | "cancelled"
  | "disabled";

/** A part of the protocol. @internal */
export type McpServerElicitationAction = "accept" | "decline" | "cancel";

/** The params of "mcpServer/elicitation/request". @internal */
export type McpServerElicitationRequestParams =
  & {
    serverName: string;
    threadId: string;
    turnId?: string | null;
  }
  & (
    | {
      _meta?: unknown;
      challenge: string;
      description: string;
      mode: "openai/userVerification";
      title: string;
    }
    | {
      _meta?: unknown;
      message: string;
      mode: "form";
      requestedSchema: McpElicitationSchema;
    }
    | {
      _meta?: unknown;
      message: string;
      mode: "openai/form";
      requestedSchema: unknown;
    }
    | {
      _meta?: unknown;
      message: string;
      mode: "openaiForm";
      requestedSchema: unknown;
    }
    | {
      _meta?: unknown;
      elicitationId: string;
      message: string;
      mode: "url";
      url: string;
    }
  );

/** The result of "mcpServer/elicitation/request". @internal */
export type McpServerElicitationRequestResponse = {
  _meta?: unknown;
  action: McpServerElicitationAction;
  content?: unknown;
};

/** A part of the protocol. @internal */
export type McpServerEventNotification = {
  method: string;
  params: unknown;
};

/** The params of "mcpServer/event/stream/notification". @internal */
export type McpServerEventStreamNotification = {
  notification: McpServerEventNotification;
  subscriptionId: string;
};

/** The params of "mcpServer/event/stream/start". @internal */
export type McpServerEventStreamStartParams = {
  _meta?: unknown;
  arguments: unknown;
  name: string;
  server: string;
  subscriptionId: string;
  threadId: string;
};

/** The result of "mcpServer/event/stream/start". @internal */
export type McpServerEventStreamStartResponse = { [key: string]: unknown };

/** The params of "mcpServer/event/stream/stop". @internal */
export type McpServerEventStreamStopParams = { subscriptionId: string };

/** The result of "mcpServer/event/stream/stop". @internal */
export type McpServerEventStreamStopResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type McpServerInfo = {
  description?: string | null;
  icons?: unknown[] | null;
  name: string;
  title?: string | null;
  version: string;
  websiteUrl?: string | null;
};

/** A part of the protocol. @internal */
export type McpServerMigration = { name: string };

/** A part of the protocol. @internal */
export type McpServerOauthClientRegistration = "auto" | "cimd" | "dcr";

/** The params of "mcpServer/oauthLogin/completed". @internal */
export type McpServerOauthLoginCompletedNotification = {
  error?: string | null;
  loginId?: string | null;
  name: string;
  success: boolean;
  threadId?: string | null;
};

/** The params of "mcpServer/oauth/login". @internal */
export type McpServerOauthLoginParams = {
  clientRegistration?: McpServerOauthClientRegistration | null;
  name: string;
  scopes?: string[] | null;
  threadId?: string | null;
  timeoutSecs?: number | null;
};

/** The result of "mcpServer/oauth/login". @internal */
export type McpServerOauthLoginResponse = {
  authorizationUrl: string;
  loginId?: string | null;
};

/** The result of "config/mcpServer/reload". @internal */
export type McpServerRefreshResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type McpServerStartupFailureReason = "reauthenticationRequired";

/** A part of the protocol. @internal */
export type McpServerStartupState = "starting" | "ready" | "failed" | "cancelled";

/** A part of the protocol. @internal */
export type McpServerStatus = {
  authStatus: McpAuthStatus;
  httpOrigin?: string | null;
  name: string;
  pluginId?: string | null;
  resourceTemplates: ResourceTemplate[];
  resources: Resource[];
  runtimeStatus?: McpServerConnectionStatus | null;
  serverCapabilities?: unknown;
  serverInfo?: McpServerInfo | null;
  toolListMeta?: unknown;
  tools: { [key: string]: Tool };
  toolsError?: string | null;
};

/** A part of the protocol. @internal */
export type McpServerStatusDetail = "full" | "toolsAndAuthOnly";

/** The params of "mcpServer/startupStatus/updated". @internal */
export type McpServerStatusUpdatedNotification = {
  error?: string | null;
  failureReason?: McpServerStartupFailureReason | null;
  name: string;
  status: McpServerStartupState;
  threadId?: string | null;
};

/** The params of "mcpServer/tool/call". @internal */
export type McpServerToolCallParams = {
  _meta?: unknown;
  arguments?: unknown;
  server: string;
  threadId: string;
  tool: string;
};

/** The result of "mcpServer/tool/call". @internal */
export type McpServerToolCallResponse = {
  _meta?: unknown;
  content: unknown[];
  isError?: boolean | null;
  structuredContent?: unknown;
};

/** A part of the protocol. @internal */
export type McpToolCallAppContext = {
  actionName?: string | null;
  appName?: string | null;
  connectorId: string;
  linkId?: string | null;
  resourceUri?: string | null;
};

/** A part of the protocol. @internal */
export type McpToolCallError = { message: string };

/** The params of "item/mcpToolCall/progress". @internal */
export type McpToolCallProgressNotification = {
  itemId: string;
  message: string;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type McpToolCallResult = {
  _meta?: unknown;
  content: unknown[];
  structuredContent?: unknown;
};

/** A part of the protocol. @internal */
export type McpToolCallStatus = "inProgress" | "completed" | "failed";

/** A part of the protocol. @internal */
export type MemoryCitation = {
  entries: MemoryCitationEntry[];
  threadIds: string[];
};

/** A part of the protocol. @internal */
export type MemoryCitationEntry = {
  lineEnd: number;
  lineStart: number;
  note: string;
  path: string;
};

/** The result of "memory/reset". @internal */
export type MemoryResetResponse = { [key: string]: unknown };

/** The params of "memory/status". @internal */
export type MemoryStatusParams = { minConsolidatedThreads?: number | null };

/** The result of "memory/status". @internal */
export type MemoryStatusResponse = {
  v2ConsolidatedThreads: number;
  v2Ready: boolean;
};

/** A part of the protocol. @internal */
export type MergeStrategy = "replace" | "upsert";

/** A part of the protocol. @internal */
export type MessagePhase = "commentary" | "partial_answer" | "final_answer";

/** A part of the protocol. @internal */
export type MigrationDetails = {
  commands?: CommandMigration[];
  hooks?: HookMigration[];
  mcpServers?: McpServerMigration[];
  memory?: string[];
  plugins?: PluginsMigration[];
  sessions?: SessionMigration[];
  skills?: SkillMigration[];
  subagents?: SubagentMigration[];
};

/** A part of the protocol. @internal */
export type MisalignmentErrorDetails = {
  detailedExplanation?: string | null;
  errorType?: string | null;
  reviewTarget?: string | null;
  steer?: MisalignmentSteer | null;
};

/** A part of the protocol. @internal */
export type MisalignmentSteer = { message: string };

/** The params of "mock/experimentalMethod". @internal */
export type MockExperimentalMethodParams = { value?: string | null };

/** The result of "mock/experimentalMethod". @internal */
export type MockExperimentalMethodResponse = { echoed?: string | null };

/** A part of the protocol. @internal */
export type ModeKind = "plan" | "default";

/** A part of the protocol. @internal */
export type Model = {
  additionalSpeedTiers?: string[];
  availabilityNux?: ModelAvailabilityNux | null;
  availableAccessPrograms?: ModelAccessPrograms | null;
  defaultReasoningEffort: ReasoningEffort;
  defaultServiceTier?: string | null;
  description: string;
  displayName: string;
  hidden: boolean;
  id: string;
  inputModalities?: InputModality[];
  isDefault: boolean;
  model: string;
  modelSpecialty?: string | null;
  multiAgentVersion?: MultiAgentVersion | null;
  serviceTiers?: ModelServiceTier[];
  supportedReasoningEfforts: ReasoningEffortOption[];
  supportsPersonality?: boolean;
  upgrade?: string | null;
  upgradeInfo?: ModelUpgradeInfo | null;
};

/** A part of the protocol. @internal */
export type ModelAccessPrograms = { cyber: CyberAccessProgram[] };

/** A part of the protocol. @internal */
export type ModelAvailabilityNux = { message: string };

/** The params of "model/list". @internal */
export type ModelListParams = {
  cursor?: string | null;
  includeHidden?: boolean | null;
  limit?: number | null;
  modelProvider?: string | null;
};

/** The result of "model/list". @internal */
export type ModelListResponse = {
  data: Model[];
  nextCursor?: string | null;
};

/** The params of "modelProvider/capabilities/read". @internal */
export type ModelProviderCapabilitiesReadParams = { [key: string]: unknown };

/** The result of "modelProvider/capabilities/read". @internal */
export type ModelProviderCapabilitiesReadResponse = {
  imageGeneration: boolean;
  webSearch: boolean;
};

/** The params of "modelProvider/config/write". @internal */
export type ModelProviderConfigWriteParams = { settings: ProviderSettingsPatch };

/** The result of "modelProvider/config/write". @internal */
export type ModelProviderConfigWriteResponse = { provider: ModelProviderSummary };

/** A part of the protocol. @internal */
export type ModelProviderError =
  | {
    currentModelProvider: string;
    modelProvider: string;
    type: "modelProviderMismatch";
  }
  | {
    modelProvider: string;
    type: "modelProviderNotConfigured";
  }
  | {
    modelProvider: string;
    requiredModelProvider: string;
    type: "modelProviderPolicyConflict";
  };

/** The params of "modelProvider/list". @internal */
export type ModelProviderListParams = { [key: string]: unknown };

/** The result of "modelProvider/list". @internal */
export type ModelProviderListResponse = {
  canChangeDefault: boolean;
  data: ModelProviderSummary[];
  defaultProviderId: string;
};

/** A part of the protocol. @internal */
export type ModelProviderSummary = {
  baseUrl?: string | null;
  canEdit: boolean;
  id: string;
  name: string;
  settings: ProviderSettings;
};

/** A part of the protocol. @internal */
export type ModelRerouteReason = "highRiskCyberActivity";

/** The params of "model/rerouted". @internal */
export type ModelReroutedNotification = {
  fromModel: string;
  reason: ModelRerouteReason;
  threadId: string;
  toModel: string;
  turnId: string;
};

/** The params of "model/safetyBuffering/updated". @internal */
export type ModelSafetyBufferingUpdatedNotification = {
  fasterModel?: string | null;
  model: string;
  reasons: string[];
  showBufferingUi: boolean;
  threadId: string;
  turnId: string;
  useCases: string[];
};

/** A part of the protocol. @internal */
export type ModelServiceTier = {
  description: string;
  id: string;
  name: string;
};

/** A part of the protocol. @internal */
export type ModelUpgradeInfo = {
  migrationMarkdown?: string | null;
  model: string;
  modelLink?: string | null;
  retirementAt?: number | null;
  upgradeCopy?: string | null;
};

/** A part of the protocol. @internal */
export type ModelVerification = "trustedAccessForCyber";

/** The params of "model/verification". @internal */
export type ModelVerificationNotification = {
  threadId: string;
  turnId: string;
  verifications: ModelVerification[];
};

/** A part of the protocol. @internal */
export type ModelsRequirements = { newThread?: NewThreadModelDefaults | null };

/** A part of the protocol. @internal */
export type MultiAgentMode = "explicitRequestOnly" | "proactive" | { custom: string };

/** A part of the protocol. @internal */
export type MultiAgentVersion = "disabled" | "v1" | "v2";

/** A part of the protocol. @internal */
export type NetworkAccess = "restricted" | "enabled";

/** A part of the protocol. @internal */
export type NetworkApprovalContext = {
  host: string;
  protocol: NetworkApprovalProtocol;
};

/** A part of the protocol. @internal */
export type NetworkApprovalProtocol = "http" | "https" | "socks5Tcp" | "socks5Udp";

/** A part of the protocol. @internal */
export type NetworkDomainPermission = "allow" | "deny";

/** A part of the protocol. @internal */
export type NetworkPolicyAmendment = {
  action: NetworkPolicyRuleAction;
  host: string;
};

/** A part of the protocol. @internal */
export type NetworkPolicyRuleAction = "allow" | "deny";

/** A part of the protocol. @internal */
export type NetworkRequirements = {
  allowLocalBinding?: boolean | null;
  allowUnixSockets?: string[] | null;
  allowUpstreamProxy?: boolean | null;
  allowedDomains?: string[] | null;
  dangerouslyAllowAllUnixSockets?: boolean | null;
  dangerouslyAllowNonLoopbackProxy?: boolean | null;
  deniedDomains?: string[] | null;
  domains?: { [key: string]: NetworkDomainPermission } | null;
  enabled?: boolean | null;
  httpPort?: number | null;
  managedAllowedDomainsOnly?: boolean | null;
  reviewDomains?: string[] | null;
  socksPort?: number | null;
  unixSockets?: { [key: string]: NetworkUnixSocketPermission } | null;
};

/** A part of the protocol. @internal */
export type NetworkUnixSocketPermission = "allow" | "deny";

/** A part of the protocol. @internal */
export type NewThreadModelDefaults = {
  model?: string | null;
  modelReasoningEffort?: ReasoningEffort | null;
  serviceTier?: string | null;
};

/** A part of the protocol. @internal */
export type NonSteerableTurnKind = "review" | "compact";

/** A part of the protocol. @internal */
export type NullableGatewayOAuthLoginParams = GatewayOAuthLoginParams | null;

/** A part of the protocol. @internal */
export type NullableGatewayOAuthReadParams = GatewayOAuthReadParams | null;

/** A part of the protocol. @internal */
export type NullableGetAccountRateLimitsParams = GetAccountRateLimitsParams | null;

/** A part of the protocol. @internal */
export type NullableGetAccountTokenUsageParams = GetAccountTokenUsageParams | null;

/** A part of the protocol. @internal */
export type NullableRemoteControlDisableParams = RemoteControlDisableParams | null;

/** A part of the protocol. @internal */
export type NullableRemoteControlEnableParams = RemoteControlEnableParams | null;

/** A part of the protocol. @internal */
export type OtelExporter =
  | "none"
  | "statsig"
  | {
    "otlp-http": {
      endpoint: string;
      headers: { [key: string]: string };
      protocol: OtelHttpProtocol;
      tls?: OtelTlsConfig | null;
    };
  }
  | {
    "otlp-grpc": {
      endpoint: string;
      headers: { [key: string]: string };
      tls?: OtelTlsConfig | null;
    };
  };

/** A part of the protocol. @internal */
export type OtelHttpProtocol = "binary" | "json";

/** A part of the protocol. @internal */
export type OtelRequirements = {
  environment?: string | null;
  exporter?: OtelExporter | null;
  log_agent_responses?: boolean | null;
  log_guardian_assessments?: boolean | null;
  log_sse_deltas?: boolean | null;
  log_user_prompt?: boolean | null;
  metrics_exporter?: OtelExporter | null;
  span_attributes?: { [key: string]: string } | null;
  tool_result?: OtelToolResultLogConfig | null;
  trace_exporter?: OtelExporter | null;
  tracestate?: { [key: string]: { [key: string]: string } } | null;
};

/** A part of the protocol. @internal */
export type OtelTlsConfig = {
  "ca-certificate"?: string | null;
  "client-certificate"?: string | null;
  "client-private-key"?: string | null;
};

/** A part of the protocol. @internal */
export type OtelToolResultLogConfig = { max_bytes: number };

/** A part of the protocol. @internal */
export type OverriddenMetadata = {
  effectiveValue: unknown;
  message: string;
  overridingLayer: ConfigLayerMetadata;
};

/** A part of the protocol. @internal */
export type ParsedCommand =
  | {
    cmd: string;
    name: string;
    path: string;
    type: "read";
  }
  | {
    cmd: string;
    path?: string | null;
    type: "list_files";
  }
  | {
    cmd: string;
    path?: string | null;
    query?: string | null;
    type: "search";
  }
  | {
    cmd: string;
    type: "unknown";
  };

/** A part of the protocol. @internal */
export type PatchApplyStatus = "inProgress" | "completed" | "failed" | "declined";

/** A part of the protocol. @internal */
export type PatchChangeKind =
  | { type: "add" }
  | { type: "delete" }
  | {
    move_path?: string | null;
    type: "update";
  };

/** A part of the protocol. @internal */
export type PathUri = string;

/** A part of the protocol. @internal */
export type PermissionGrantScope = "turn" | "session";

/** The params of "permissionProfile/list". @internal */
export type PermissionProfileListParams = {
  cursor?: string | null;
  cwd?: string | null;
  limit?: number | null;
};

/** The result of "permissionProfile/list". @internal */
export type PermissionProfileListResponse = {
  data: PermissionProfileSummary[];
  nextCursor?: string | null;
};

/** A part of the protocol. @internal */
export type PermissionProfileSummary = {
  allowed: boolean;
  description?: string | null;
  id: string;
};

/** The params of "item/permissions/requestApproval". @internal */
export type PermissionsRequestApprovalParams = {
  cwd: LegacyAppPathString;
  environmentId?: string | null;
  itemId: string;
  permissions: RequestPermissionProfile;
  reason?: string | null;
  startedAtMs: number;
  threadId: string;
  turnId: string;
};

/** The result of "item/permissions/requestApproval". @internal */
export type PermissionsRequestApprovalResponse = {
  permissions: GrantedPermissionProfile;
  scope?: PermissionGrantScope;
  strictAutoReview?: boolean | null;
};

/** A part of the protocol. @internal */
export type Personality = "none" | "friendly" | "pragmatic";

/** The params of "item/plan/delta". @internal */
export type PlanDeltaNotification = {
  delta: string;
  itemId: string;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type PlanType =
  | "free"
  | "go"
  | "plus"
  | "pro"
  | "prolite"
  | "promax"
  | "team"
  | "self_serve_business_prolite"
  | "self_serve_business_usage_based"
  | "business"
  | "ent26"
  | "enterprise_cbp_automation"
  | "enterprise_cbp_usage_based"
  | "enterprise"
  | "edu"
  | "edu_plus"
  | "edu_pro"
  | "sci"
  | "sci_plus"
  | "unknown";

/** A part of the protocol. @internal */
export type PluginAuthPolicy = "ON_INSTALL" | "ON_USE";

/** A part of the protocol. @internal */
export type PluginAvailability = "DISABLED_BY_ADMIN" | "AVAILABLE";

/** A part of the protocol. @internal */
export type PluginDetail = {
  appTemplates: AppTemplateSummary[];
  apps: AppSummary[];
  description?: string | null;
  hooks: PluginHookSummary[];
  marketplaceName: string;
  marketplacePath?: AbsolutePathBuf | null;
  mcpServers: string[];
  onboardingSkill?: SkillSummary | null;
  scheduledTasks?: ScheduledTaskSummary[] | null;
  shareUrl?: string | null;
  skills: SkillSummary[];
  summary: PluginSummary;
};

/** A part of the protocol. @internal */
export type PluginDisabledReason =
  | "disabled_by_admin"
  | "plan_not_eligible"
  | "required_app_unavailable"
  | "unknown";

/** A part of the protocol. @internal */
export type PluginHookSummary = {
  eventName: HookEventName;
  key: string;
};

/** The params of "plugin/install". @internal */
export type PluginInstallParams = {
  installAttemptId?: string | null;
  marketplacePath?: AbsolutePathBuf | null;
  pluginName: string;
  remoteMarketplaceName?: string | null;
};

/** A part of the protocol. @internal */
export type PluginInstallPolicy = "NOT_AVAILABLE" | "AVAILABLE" | "INSTALLED_BY_DEFAULT";

/** A part of the protocol. @internal */
export type PluginInstallPolicySource = "WORKSPACE_SETTING" | "IMPLICIT_CANONICAL_APP";

/** The result of "plugin/install". @internal */
export type PluginInstallResponse = {
  appsNeedingAuth: AppSummary[];
  authPolicy: PluginAuthPolicy;
};

/** The params of "plugin/installed". @internal */
export type PluginInstalledParams = {
  cwds?: AbsolutePathBuf[] | null;
  installSuggestionPluginNames?: string[] | null;
};

/** The result of "plugin/installed". @internal */
export type PluginInstalledResponse = {
  marketplaceLoadErrors?: MarketplaceLoadErrorInfo[];
  marketplaces: PluginMarketplaceEntry[];
};

/** A part of the protocol. @internal */
export type PluginInterface = {
  brandColor?: string | null;
  capabilities: string[];
  category?: string | null;
  composerIcon?: AbsolutePathBuf | null;
  composerIconUrl?: string | null;
  defaultPrompt?: string[] | null;
  developerName?: string | null;
  displayName?: string | null;
  logo?: AbsolutePathBuf | null;
  logoDark?: AbsolutePathBuf | null;
  logoUrl?: string | null;
  logoUrlDark?: string | null;
  longDescription?: string | null;
  privacyPolicyUrl?: string | null;
  screenshotUrls: string[];
  screenshots: AbsolutePathBuf[];
  shortDescription?: string | null;
  termsOfServiceUrl?: string | null;
  websiteUrl?: string | null;
};

/** A part of the protocol. @internal */
export type PluginListMarketplaceKind =
  | "local"
  | "vertical"
  | "workspace-directory"
  | "shared-with-me"
  | "created-by-me-remote";

/** The params of "plugin/list". @internal */
export type PluginListParams = {
  cwds?: AbsolutePathBuf[] | null;
  forceRefetch?: boolean;
  marketplaceKinds?: PluginListMarketplaceKind[] | null;
};

/** The result of "plugin/list". @internal */
export type PluginListResponse = {
  featuredPluginIds?: string[];
  marketplaceLoadErrors?: MarketplaceLoadErrorInfo[];
  marketplaces: PluginMarketplaceEntry[];
};

/** A part of the protocol. @internal */
export type PluginMarketplaceEntry = {
  interface?: MarketplaceInterface | null;
  name: string;
  path?: AbsolutePathBuf | null;
  plugins: PluginSummary[];
};

/** The params of "plugin/read". @internal */
export type PluginReadParams = {
  marketplacePath?: AbsolutePathBuf | null;
  pluginName: string;
  remoteMarketplaceName?: string | null;
};

/** The result of "plugin/read". @internal */
export type PluginReadResponse = { plugin: PluginDetail };

/** A part of the protocol. @internal */
export type PluginReconcileChangedPlugin = {
  hasApps: boolean;
  hasHooks: boolean;
  hasMcps: boolean;
  hasSkills: boolean;
  id: string;
};

/** The params of "plugin/reconcile". @internal */
export type PluginReconcileParams = { reason?: string | null };

/** The result of "plugin/reconcile". @internal */
export type PluginReconcileResponse = {
  changedPlugins: PluginReconcileChangedPlugin[];
  failedMaterializationRemotePluginIds: string[];
  failedRemotePluginIds: string[];
};

/** The params of "plugin/search". @internal */
export type PluginSearchParams = {
  cursor?: string | null;
  cwds?: AbsolutePathBuf[] | null;
  limit?: number | null;
  scope?: PluginSearchScope | null;
  searchTerm: string;
};

/** The result of "plugin/search". @internal */
export type PluginSearchResponse = {
  data: PluginSearchResult[];
  nextCursor?: string | null;
};

/** A part of the protocol. @internal */
export type PluginSearchResult = {
  marketplaceName: string;
  marketplacePath?: AbsolutePathBuf | null;
  plugin: PluginSummary;
};

/** A part of the protocol. @internal */
export type PluginSearchScope = "global" | "workspace" | "personal";

/** The params of "plugin/share/checkout". @internal */
export type PluginShareCheckoutParams = { remotePluginId: string };

/** The result of "plugin/share/checkout". @internal */
export type PluginShareCheckoutResponse = {
  marketplaceName: string;
  marketplacePath: AbsolutePathBuf;
  pluginId: string;
  pluginName: string;
  pluginPath: AbsolutePathBuf;
  remotePluginId: string;
  remoteVersion?: string | null;
};

/** A part of the protocol. @internal */
export type PluginShareContext = {
  canPublishToWorkspace?: boolean | null;
  creatorAccountUserId?: string | null;
  creatorName?: string | null;
  discoverability?: PluginShareDiscoverability | null;
  remotePluginId: string;
  remoteVersion?: string | null;
  sharePrincipals?: PluginSharePrincipal[] | null;
  shareUrl?: string | null;
};

/** The params of "plugin/share/delete". @internal */
export type PluginShareDeleteParams = { remotePluginId: string };

/** The result of "plugin/share/delete". @internal */
export type PluginShareDeleteResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type PluginShareDiscoverability = "LISTED" | "UNLISTED" | "PRIVATE";

/** A part of the protocol. @internal */
export type PluginShareListItem = {
  localPluginPath?: AbsolutePathBuf | null;
  plugin: PluginSummary;
};

/** The params of "plugin/share/list". @internal */
export type PluginShareListParams = { [key: string]: unknown };

/** The result of "plugin/share/list". @internal */
export type PluginShareListResponse = { data: PluginShareListItem[] };

/** A part of the protocol. @internal */
export type PluginSharePrincipal = {
  name: string;
  principalId: string;
  principalType: PluginSharePrincipalType;
  role: PluginSharePrincipalRole;
};

/** A part of the protocol. @internal */
export type PluginSharePrincipalRole = "reader" | "editor" | "owner";

/** A part of the protocol. @internal */
export type PluginSharePrincipalType = "user" | "group" | "workspace";

/** The params of "plugin/share/save". @internal */
export type PluginShareSaveParams = {
  discoverability?: PluginShareDiscoverability | null;
  pluginPath: AbsolutePathBuf;
  remotePluginId?: string | null;
  shareTargets?: PluginShareTarget[] | null;
};

/** The result of "plugin/share/save". @internal */
export type PluginShareSaveResponse = {
  canPublishToWorkspace?: boolean | null;
  remotePluginId: string;
  shareUrl: string;
};

/** A part of the protocol. @internal */
export type PluginShareTarget = {
  principalId: string;
  principalType: PluginSharePrincipalType;
  role: PluginShareTargetRole;
};

/** A part of the protocol. @internal */
export type PluginShareTargetRole = "reader" | "editor";

/** A part of the protocol. @internal */
export type PluginShareUpdateDiscoverability = "UNLISTED" | "PRIVATE" | "LISTED";

/** The params of "plugin/share/updateTargets". @internal */
export type PluginShareUpdateTargetsParams = {
  discoverability: PluginShareUpdateDiscoverability;
  remotePluginId: string;
  shareTargets: PluginShareTarget[];
};

/** The result of "plugin/share/updateTargets". @internal */
export type PluginShareUpdateTargetsResponse = {
  discoverability: PluginShareDiscoverability;
  principals: PluginSharePrincipal[];
};

/** The params of "plugin/skill/read". @internal */
export type PluginSkillReadParams = {
  remoteMarketplaceName: string;
  remotePluginId: string;
  skillName: string;
};

/** The result of "plugin/skill/read". @internal */
export type PluginSkillReadResponse = { contents?: string | null };

/** A part of the protocol. @internal */
export type PluginSource =
  | {
    path: AbsolutePathBuf;
    type: "local";
  }
  | {
    path?: string | null;
    refName?: string | null;
    sha?: string | null;
    type: "git";
    url: string;
  }
  | {
    package: string;
    registry?: string | null;
    type: "npm";
    version?: string | null;
  }
  | { type: "remote" };

/** A part of the protocol. @internal */
export type PluginSummary = {
  authPolicy: PluginAuthPolicy;
  availability?: PluginAvailability;
  disabledReason?: PluginDisabledReason | null;
  eligiblePlanTypes?: string[] | null;
  enabled: boolean;
  id: string;
  installPolicy: PluginInstallPolicy;
  installPolicySource?: PluginInstallPolicySource | null;
  installed: boolean;
  installedAt?: number | null;
  interface?: PluginInterface | null;
  keywords?: string[];
  localVersion?: string | null;
  mustShowInstallationInterstitial?: boolean | null;
  name: string;
  remotePluginId?: string | null;
  shareContext?: PluginShareContext | null;
  source: PluginSource;
  version?: string | null;
};

/** The params of "plugin/uninstall". @internal */
export type PluginUninstallParams = { pluginId: string };

/** The result of "plugin/uninstall". @internal */
export type PluginUninstallResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type PluginsMigration = {
  marketplaceName: string;
  pluginNames: string[];
};

/** The params of "process/exited". @internal */
export type ProcessExitedNotification = {
  exitCode: number;
  outputDrainTimedOut?: boolean | null;
  processHandle: string;
  stderr: string;
  stderrCapReached: boolean;
  stdout: string;
  stdoutCapReached: boolean;
};

/** The params of "process/kill". @internal */
export type ProcessKillParams = { processHandle: string };

/** The result of "process/kill". @internal */
export type ProcessKillResponse = { [key: string]: unknown };

/** The params of "process/outputDelta". @internal */
export type ProcessOutputDeltaNotification = {
  capReached: boolean;
  deltaBase64: string;
  processHandle: string;
  stream: ProcessOutputStream;
};

/** A part of the protocol. @internal */
export type ProcessOutputStream = "stdout" | "stderr";

/** The params of "process/resizePty". @internal */
export type ProcessResizePtyParams = {
  processHandle: string;
  size: ProcessTerminalSize;
};

/** The result of "process/resizePty". @internal */
export type ProcessResizePtyResponse = { [key: string]: unknown };

/** The params of "process/spawn". @internal */
export type ProcessSpawnParams = {
  command: string[];
  cwd: AbsolutePathBuf;
  env?: { [key: string]: string | null } | null;
  outputBytesCap?: number | null;
  processHandle: string;
  size?: ProcessTerminalSize | null;
  streamStdin?: boolean;
  streamStdoutStderr?: boolean;
  timeoutMs?: number | null;
  tty?: boolean;
};

/** The result of "process/spawn". @internal */
export type ProcessSpawnResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ProcessTerminalSize = {
  cols: number;
  rows: number;
};

/** The params of "process/writeStdin". @internal */
export type ProcessWriteStdinParams = {
  closeStdin?: boolean;
  deltaBase64?: string | null;
  processHandle: string;
};

/** The result of "process/writeStdin". @internal */
export type ProcessWriteStdinResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type Project = {
  createdAt: number;
  id: string;
  metadata: { [key: string]: string };
  name: string;
  position: number;
  recencyAt?: number | null;
  roots: ProjectRoot[];
  updatedAt: number;
};

/** A part of the protocol. @internal */
export type ProjectChangeType = "created" | "updated" | "deleted";

/** The params of "project/changed". @internal */
export type ProjectChangedNotification = {
  changeType: ProjectChangeType;
  projectId: string;
};

/** The params of "project/create". @internal */
export type ProjectCreateParams = {
  idempotencyKey: string;
  metadata?: { [key: string]: string } | null;
  name: string;
  roots: ProjectRoot[];
};

/** The result of "project/create". @internal */
export type ProjectCreateResponse = { project: Project };

/** The params of "project/delete". @internal */
export type ProjectDeleteParams = { projectId: string };

/** The result of "project/delete". @internal */
export type ProjectDeleteResponse = { [key: string]: unknown };

/** The params of "project/import". @internal */
export type ProjectImportParams = {
  idempotencyKey: string;
  metadata?: { [key: string]: string } | null;
  name: string;
  roots: ProjectRoot[];
  threads?: string[] | null;
};

/** The result of "project/import". @internal */
export type ProjectImportResponse = { project: Project };

/** The params of "project/list". @internal */
export type ProjectListParams = {
  cursor?: string | null;
  limit?: number | null;
  sortDirection?: SortDirection | null;
  sortKey?: ProjectSortKey | null;
};

/** The result of "project/list". @internal */
export type ProjectListResponse = {
  data: Project[];
  nextCursor?: string | null;
};

/** The params of "project/move". @internal */
export type ProjectMoveParams = {
  beforeProjectId?: string | null;
  projectId: string;
};

/** The result of "project/move". @internal */
export type ProjectMoveResponse = { [key: string]: unknown };

/** The params of "project/read". @internal */
export type ProjectReadParams = { projectId: string };

/** The result of "project/read". @internal */
export type ProjectReadResponse = { project: Project };

/** A part of the protocol. @internal */
export type ProjectRoot = { path: AbsolutePathBuf };

/** A part of the protocol. @internal */
export type ProjectSortKey = "position" | "recencyAt";

/** The params of "project/update". @internal */
export type ProjectUpdateParams = {
  metadata?: { [key: string]: string } | null;
  name?: string | null;
  projectId: string;
  roots?: ProjectRoot[] | null;
};

/** The result of "project/update". @internal */
export type ProjectUpdateResponse = { project: Project };

/** A part of the protocol. @internal */
export type ProviderSettings =
  | { type: "openai" }
  | {
    auth: GatewayAuth;
    type: "customGateway";
  }
  | {
    profile?: string | null;
    region?: string | null;
    type: "bedrock";
  }
  | {
    credentialFile?: string | null;
    location?: string | null;
    projectId?: string | null;
    type: "gcp";
  };

/** A part of the protocol. @internal */
export type ProviderSettingsPatch =
  | {
    baseUrl?: string | null;
    envKey?: string | null;
    name?: string;
    providerId?: string | null;
    type: "customGateway";
  }
  | {
    profile?: string | null;
    providerId: BedrockProviderId;
    region?: string | null;
    type: "bedrock";
  }
  | {
    credentialFile?: string | null;
    location?: string | null;
    projectId?: string | null;
    providerId: GcpProviderId;
    type: "gcp";
  };

/** A part of the protocol. @internal */
export type QueuedSubmission = {
  clientUserMessageId: string;
  id: string;
  input: UserInput[];
  responsesapiClientMetadata?: { [key: string]: string } | null;
};

/** A part of the protocol. @internal */
export type RateLimitReachedType =
  | "rate_limit_reached"
  | "workspace_owner_credits_depleted"
  | "workspace_member_credits_depleted"
  | "workspace_owner_usage_limit_reached"
  | "workspace_member_usage_limit_reached";

/** A part of the protocol. @internal */
export type RateLimitResetCredit = {
  description?: string | null;
  expiresAt?: number | null;
  grantedAt: number;
  id: string;
  resetType: RateLimitResetType;
  status: RateLimitResetCreditStatus;
  title?: string | null;
};

/** A part of the protocol. @internal */
export type RateLimitResetCreditStatus = "available" | "redeeming" | "redeemed" | "unknown";

/** A part of the protocol. @internal */
export type RateLimitResetCreditsSummary = {
  availableCount: number;
  credits?: RateLimitResetCredit[] | null;
};

/** A part of the protocol. @internal */
export type RateLimitResetType = "codexRateLimits" | "unknown";

/** A part of the protocol. @internal */
export type RateLimitSnapshot = {
  credits?: CreditsSnapshot | null;
  individualLimit?: SpendControlLimitSnapshot | null;
  limitId?: string | null;
  limitName?: string | null;
  normalModelSlug?: string | null;
  planType?: PlanType | null;
  primary?: RateLimitWindow | null;
  rateLimitReachedType?: RateLimitReachedType | null;
  secondary?: RateLimitWindow | null;
  spendControlReached?: boolean | null;
};

/** A part of the protocol. @internal */
export type RateLimitWindow = {
  resetsAt?: number | null;
  usedPercent: number;
  windowDurationMins?: number | null;
};

/** The params of "rawResponse/completed". @internal */
export type RawResponseCompletedNotification = {
  responseId: string;
  threadId: string;
  turnId: string;
  usage?: TokenUsageBreakdown | null;
  usageMetadata?: ResponseUsageMetadata | null;
};

/** The params of "rawResponseItem/completed". @internal */
export type RawResponseItemCompletedNotification = {
  item: ResponseItem;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type RealtimeConversationVersion = "v1" | "v2" | "v3";

/** A part of the protocol. @internal */
export type RealtimeOutputModality = "text" | "audio";

/** A part of the protocol. @internal */
export type RealtimeVoice =
  | "alloy"
  | "arbor"
  | "ash"
  | "aube"
  | "ballad"
  | "breeze"
  | "bubbie"
  | "cedar"
  | "coral"
  | "cove"
  | "echo"
  | "ember"
  | "haetsal"
  | "hanul"
  | "himari"
  | "juniper"
  | "leher"
  | "maple"
  | "marin"
  | "miko"
  | "neer"
  | "porto"
  | "rindo"
  | "rio"
  | "rivage"
  | "sage"
  | "selva"
  | "shimmer"
  | "sol"
  | "sonna"
  | "spruce"
  | "tinta"
  | "vale"
  | "verse"
  | "viola";

/** A part of the protocol. @internal */
export type RealtimeVoicesList = {
  defaultV1: RealtimeVoice;
  defaultV2: RealtimeVoice;
  v1: RealtimeVoice[];
  v2: RealtimeVoice[];
  v3?: RealtimeVoice[];
};

/** A part of the protocol. @internal */
export type ReasoningEffort = string;

/** A part of the protocol. @internal */
export type ReasoningEffortOption = {
  description: string;
  reasoningEffort: ReasoningEffort;
};

/** A part of the protocol. @internal */
export type ReasoningItemContent =
  | {
    text: string;
    type: "reasoning_text";
  }
  | {
    text: string;
    type: "text";
  };

/** A part of the protocol. @internal */
export type ReasoningItemReasoningSummary = {
  text: string;
  type: "summary_text";
};

/** A part of the protocol. @internal */
export type ReasoningSummary = "auto" | "concise" | "detailed" | "none";

/** The params of "item/reasoning/summaryPartAdded". @internal */
export type ReasoningSummaryPartAddedNotification = {
  itemId: string;
  summaryIndex: number;
  threadId: string;
  turnId: string;
};

/** The params of "item/reasoning/summaryTextDelta". @internal */
export type ReasoningSummaryTextDeltaNotification = {
  delta: string;
  itemId: string;
  summaryIndex: number;
  threadId: string;
  turnId: string;
};

/** The params of "item/reasoning/textDelta". @internal */
export type ReasoningTextDeltaNotification = {
  contentIndex: number;
  delta: string;
  itemId: string;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type RemoteControlClient = {
  appVersion?: string | null;
  clientId: string;
  deviceModel?: string | null;
  deviceType?: string | null;
  displayName?: string | null;
  lastSeenAt?: number | null;
  osVersion?: string | null;
  platform?: string | null;
};

/** A part of the protocol. @internal */
export type RemoteControlClientsListOrder = "asc" | "desc";

/** The params of "remoteControl/client/list". @internal */
export type RemoteControlClientsListParams = {
  cursor?: string | null;
  environmentId: string;
  limit?: number | null;
  order?: RemoteControlClientsListOrder | null;
};

/** The result of "remoteControl/client/list". @internal */
export type RemoteControlClientsListResponse = {
  data: RemoteControlClient[];
  nextCursor?: string | null;
};

/** The params of "remoteControl/client/revoke". @internal */
export type RemoteControlClientsRevokeParams = {
  clientId: string;
  environmentId: string;
};

/** The result of "remoteControl/client/revoke". @internal */
export type RemoteControlClientsRevokeResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type RemoteControlConnectionStatus = "disabled" | "connecting" | "connected" | "errored";

/** The params of "remoteControl/disable". @internal */
export type RemoteControlDisableParams = { ephemeral?: boolean };

/** The result of "remoteControl/disable". @internal */
export type RemoteControlDisableResponse = {
  environmentId?: string | null;
  installationId: string;
  serverName: string;
  status: RemoteControlConnectionStatus;
};

/** The params of "remoteControl/enable". @internal */
export type RemoteControlEnableParams = { ephemeral?: boolean };

/** The result of "remoteControl/enable". @internal */
export type RemoteControlEnableResponse = {
  environmentId?: string | null;
  installationId: string;
  serverName: string;
  status: RemoteControlConnectionStatus;
};

/** The params of "remoteControl/pairing/start". @internal */
export type RemoteControlPairingStartParams = { manualCode?: boolean };

/** The result of "remoteControl/pairing/start". @internal */
export type RemoteControlPairingStartResponse = {
  environmentId: string;
  expiresAt: number;
  manualPairingCode?: string | null;
  pairingCode: string;
};

/** The params of "remoteControl/pairing/status". @internal */
export type RemoteControlPairingStatusParams = {
  manualPairingCode?: string | null;
  pairingCode?: string | null;
};

/** The result of "remoteControl/pairing/status". @internal */
export type RemoteControlPairingStatusResponse = { claimed: boolean };

/** The params of "remoteControl/status/changed". @internal */
export type RemoteControlStatusChangedNotification = {
  environmentId?: string | null;
  installationId: string;
  serverName: string;
  status: RemoteControlConnectionStatus;
};

/** The result of "remoteControl/status/read". @internal */
export type RemoteControlStatusReadResponse = {
  environmentId?: string | null;
  installationId: string;
  serverName: string;
  status: RemoteControlConnectionStatus;
};

/** A part of the protocol. @internal */
export type RequestHeader = {
  name: string;
  value: string;
};

/** A part of the protocol. @internal */
export type RequestId = string | number;

/** A part of the protocol. @internal */
export type RequestPermissionProfile = {
  fileSystem?: AdditionalFileSystemPermissions | null;
  network?: AdditionalNetworkPermissions | null;
};

/** A part of the protocol. @internal */
export type ResidencyRequirement = "us";

/** A part of the protocol. @internal */
export type Resource = {
  _meta?: unknown;
  annotations?: unknown;
  description?: string | null;
  icons?: unknown[] | null;
  mimeType?: string | null;
  name: string;
  size?: number | null;
  title?: string | null;
  uri: string;
};

/** A part of the protocol. @internal */
export type ResourceContent =
  | {
    _meta?: unknown;
    mimeType?: string | null;
    text: string;
    uri: string;
  }
  | {
    _meta?: unknown;
    blob: string;
    mimeType?: string | null;
    uri: string;
  };

/** A part of the protocol. @internal */
export type ResourceTemplate = {
  annotations?: unknown;
  description?: string | null;
  mimeType?: string | null;
  name: string;
  title?: string | null;
  uriTemplate: string;
};

/** A part of the protocol. @internal */
export type ResponseItem =
  | {
    id?: string | null;
    role: string;
    tools: unknown[];
    type: "additional_tools";
  }
  | {
    content: ContentItem[];
    encrypted_content?: string | null;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    phase?: MessagePhase | null;
    role: string;
    status?: string | null;
    type: "message";
  }
  | {
    author: string;
    content: AgentMessageInputContent[];
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    recipient: string;
    type: "agent_message";
  }
  | {
    content?: ReasoningItemContent[] | null;
    encrypted_content?: string | null;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    summary: ReasoningItemReasoningSummary[];
    type: "reasoning";
  }
  | {
    action: LocalShellAction;
    call_id?: string | null;
    encrypted_content?: string | null;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    status: LocalShellStatus;
    type: "local_shell_call";
  }
  | {
    arguments: string;
    call_id: string;
    encrypted_content?: string | null;
    encrypted_function_args?: string[] | null;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    name: string;
    namespace?: string | null;
    status?: string | null;
    type: "function_call";
  }
  | {
    arguments: unknown;
    call_id?: string | null;
    encrypted_content?: string | null;
    execution: string;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    status?: string | null;
    type: "tool_search_call";
  }
  | {
    call_id?: string | null;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    name?: string | null;
    namespace?: string | null;
    output: FunctionCallOutputBody;
    type: "function_call_output";
  }
  | {
    call_id: string;
    encrypted_content?: string | null;
    id?: string | null;
    input: string;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    name: string;
    namespace?: string | null;
    status?: string | null;
    type: "custom_tool_call";
  }
  | {
    call_id: string;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    name?: string | null;
    output: FunctionCallOutputBody;
    type: "custom_tool_call_output";
  }
  | {
    call_id?: string | null;
    execution: string;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    status: string;
    tools: unknown[];
    type: "tool_search_output";
  }
  | {
    action?: ResponsesApiWebSearchAction | null;
    encrypted_content?: string | null;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    status?: string | null;
    type: "web_search_call";
  }
  | {
    encrypted_content?: string | null;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    result: string;
    revised_prompt?: string | null;
    status: string;
    type: "image_generation_call";
  }
  | {
    encrypted_content: string;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    type: "compaction";
  }
  | {
    reasoning: ConfigurationReasoning;
    type: "configuration_update";
  }
  | { type: "compaction_trigger" }
  | {
    encrypted_content?: string | null;
    id?: string | null;
    internal_chat_message_metadata_passthrough?: InternalChatMessageMetadataPassthrough | null;
    type: "context_compaction";
  }
  | { type: "other" };

/** A part of the protocol. @internal */
export type ResponseUsageMetadata = {
  amount?: string | null;
  metadata?: unknown;
};

/** A part of the protocol. @internal */
export type ResponsesApiWebSearchAction =
  | {
    queries?: string[] | null;
    query?: string | null;
    type: "search";
  }
  | {
    type: "open_page";
    url?: string | null;
  }
  | {
    pattern?: string | null;
    type: "find_in_page";
    url?: string | null;
  }
  | { type: "other" };

/** A part of the protocol. @internal */
export type ReviewDecision =
  | "approved"
  | { approved_execpolicy_amendment: { proposed_execpolicy_amendment: string[] } }
  | "approved_for_session"
  | "approved_mcp_policy_amendment"
  | { network_policy_amendment: { network_policy_amendment: NetworkPolicyAmendment } }
  | { denied: { rejection: string } }
  | "timed_out"
  | "abort";

/** A part of the protocol. @internal */
export type ReviewDelivery = "inline";

/** The params of "review/start". @internal */
export type ReviewStartParams = {
  delivery?: ReviewDelivery | null;
  target: ReviewTarget;
  threadId: string;
};

/** The result of "review/start". @internal */
export type ReviewStartResponse = {
  reviewThreadId: string;
  turn: Turn;
};

/** A part of the protocol. @internal */
export type ReviewTarget =
  | { type: "uncommittedChanges" }
  | {
    branch: string;
    type: "baseBranch";
  }
  | {
    sha: string;
    title?: string | null;
    type: "commit";
  }
  | {
    instructions: string;
    type: "custom";
  };

/** The result of "rollout/compress". @internal */
export type RolloutCompressResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";

/** A part of the protocol. @internal */
export type SandboxPolicy =
  | { type: "dangerFullAccess" }
  | {
    networkAccess?: boolean;
    type: "readOnly";
  }
  | {
    networkAccess?: NetworkAccess;
    type: "externalSandbox";
  }
  | {
    excludeSlashTmp?: boolean;
    excludeTmpdirEnvVar?: boolean;
    networkAccess?: boolean;
    type: "workspaceWrite";
    writableRoots?: AbsolutePathBuf[];
  };

/** A part of the protocol. @internal */
export type SandboxWorkspaceWrite = {
  exclude_slash_tmp?: boolean;
  exclude_tmpdir_env_var?: boolean;
  network_access?: boolean;
  writable_roots?: string[];
};

/** A part of the protocol. @internal */
export type ScheduledTaskSchedule =
  | {
    days?: ScheduledTaskWeekday[] | null;
    intervalHours: number;
    type: "hourly";
  }
  | {
    time: string;
    type: "daily";
  }
  | {
    time: string;
    type: "weekdays";
  }
  | {
    days: ScheduledTaskWeekday[];
    time: string;
    type: "weekly";
  };

/** A part of the protocol. @internal */
export type ScheduledTaskSummary = {
  key: string;
  name: string;
  prompt: string;
  schedule: ScheduledTaskSchedule;
};

/** A part of the protocol. @internal */
export type ScheduledTaskWeekday = "MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU";

/** A part of the protocol. @internal */
export type SelectedCapabilityRoot = {
  id: string;
  location: CapabilityRootLocation;
};

/** The params of "account/sendAddCreditsNudgeEmail". @internal */
export type SendAddCreditsNudgeEmailParams = { creditType: AddCreditsNudgeCreditType };

/** The result of "account/sendAddCreditsNudgeEmail". @internal */
export type SendAddCreditsNudgeEmailResponse = { status: AddCreditsNudgeEmailStatus };

/** A part of the protocol. @internal */
export type ServerDiagnosticsGauge = {
  name: string;
  value: number;
};

/** The params of "server/diagnostics". @internal */
export type ServerDiagnosticsParams = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ServerDiagnosticsProcess = {
  id: number;
  physicalFootprintBytes?: number | null;
  residentMemoryBytes?: number | null;
};

/** The result of "server/diagnostics". @internal */
export type ServerDiagnosticsResponse = {
  gauges: ServerDiagnosticsGauge[];
  process: ServerDiagnosticsProcess;
};

/** The params of "serverRequest/resolved". @internal */
export type ServerRequestResolvedNotification = {
  requestId: RequestId;
  threadId: string;
};

/** A part of the protocol. @internal */
export type SessionMigration = {
  cwd: string;
  path: string;
  title?: string | null;
};

/** A part of the protocol. @internal */
export type SessionSource =
  | "cli"
  | "vscode"
  | "exec"
  | "appServer"
  | "unknown"
  | { custom: string }
  | { subAgent: SubAgentSource };

/** A part of the protocol. @internal */
export type Settings = {
  developer_instructions?: string | null;
  model: string;
  reasoning_effort?: ReasoningEffort | null;
};

/** A part of the protocol. @internal */
export type SkillDependencies = { tools: SkillToolDependency[] };

/** A part of the protocol. @internal */
export type SkillErrorInfo = {
  message: string;
  path: string;
};

/** A part of the protocol. @internal */
export type SkillInterface = {
  brandColor?: string | null;
  defaultPrompt?: string | null;
  displayName?: string | null;
  iconLarge?: AbsolutePathBuf | null;
  iconLargeUrl?: string | null;
  iconSmall?: AbsolutePathBuf | null;
  iconSmallUrl?: string | null;
  shortDescription?: string | null;
};

/** A part of the protocol. @internal */
export type SkillMetadata = {
  dependencies?: SkillDependencies | null;
  description: string;
  enabled: boolean;
  interface?: SkillInterface | null;
  name: string;
  path: LegacyAppPathString;
  pluginId?: string | null;
  scope: SkillScope;
  shortDescription?: string | null;
};

/** A part of the protocol. @internal */
export type SkillMigration = { name: string };

/** A part of the protocol. @internal */
export type SkillScope = "user" | "repo" | "system" | "admin";

/** A part of the protocol. @internal */
export type SkillSummary = {
  description: string;
  enabled: boolean;
  interface?: SkillInterface | null;
  name: string;
  path?: LegacyAppPathString | null;
  shortDescription?: string | null;
};

/** A part of the protocol. @internal */
export type SkillToolDependency = {
  command?: string | null;
  description?: string | null;
  transport?: string | null;
  type: string;
  url?: string | null;
  value: string;
};

/** The params of "skills/changed". @internal */
export type SkillsChangedNotification = { [key: string]: unknown };

/** The params of "skills/config/write". @internal */
export type SkillsConfigWriteParams = {
  enabled: boolean;
  name?: string | null;
  path?: AbsolutePathBuf | null;
};

/** The result of "skills/config/write". @internal */
export type SkillsConfigWriteResponse = { effectiveEnabled: boolean };

/** The params of "skills/extraRoots/set". @internal */
export type SkillsExtraRootsSetParams = { extraRoots: AbsolutePathBuf[] };

/** The result of "skills/extraRoots/set". @internal */
export type SkillsExtraRootsSetResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type SkillsListEntry = {
  cwd: string;
  errors: SkillErrorInfo[];
  skills: SkillMetadata[];
};

/** The params of "skills/list". @internal */
export type SkillsListParams = {
  cwds?: string[];
  forceReload?: boolean;
};

/** The result of "skills/list". @internal */
export type SkillsListResponse = { data: SkillsListEntry[] };

/** A part of the protocol. @internal */
export type SortDirection = "asc" | "desc";

/** A part of the protocol. @internal */
export type SpendControlLimitSnapshot = {
  limit: string;
  remainingPercent: number;
  resetsAt: number;
  used: string;
};

/** The params of "autoApprovalReview/strictReviewRequired". @internal */
export type StrictReviewRequiredNotification = {
  startedAtMs: number;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type SubAgentActivityKind = "started" | "interacted" | "interrupted" | "completed";

/** A part of the protocol. @internal */
export type SubAgentSource =
  | "review"
  | "compact"
  | "memory_consolidation"
  | {
    thread_spawn: {
      agent_nickname?: string | null;
      agent_path?: AgentPath | null;
      agent_role?: string | null;
      depth: number;
      parent_thread_id: ThreadId;
    };
  }
  | { other: string };

/** A part of the protocol. @internal */
export type SubagentMigration = { name: string };

/** The params of "item/commandExecution/terminalInteraction". @internal */
export type TerminalInteractionNotification = {
  itemId: string;
  processId: string;
  stdin: string;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type TextElement = {
  byteRange: ByteRange;
  placeholder?: string | null;
};

/** A part of the protocol. @internal */
export type TextPosition = {
  column: number;
  line: number;
};

/** A part of the protocol. @internal */
export type TextRange = {
  end: TextPosition;
  start: TextPosition;
};

/** A part of the protocol. @internal */
export type Thread = {
  agentNickname?: string | null;
  agentRole?: string | null;
  attachedToThreadId?: string | null;
  canAcceptDirectInput?: boolean | null;
  cliVersion: string;
  createdAt: number;
  cwd: AbsolutePathBuf;
  daybreakEnabled?: boolean | null;
  environments?: ThreadEnvironment[] | null;
  ephemeral: boolean;
  extra?: ThreadExtra | null;
  forkedFromId?: string | null;
  gitInfo?: GitInfo | null;
  historyMode?: ThreadHistoryMode;
  id: string;
  model?: string | null;
  modelProvider: string;
  name?: string | null;
  originator?: string | null;
  parentThreadId?: string | null;
  path?: string | null;
  preview: string;
  projectId: string | null;
  reasoningEffort?: ReasoningEffort | null;
  recencyAt?: number | null;
  section?: ThreadSection | null;
  sectionEnteredAt?: number | null;
  sessionId: string;
  source: SessionSource;
  status: ThreadStatus;
  threadSource?: ThreadSource | null;
  turns: Turn[];
  updatedAt: number;
};

/** A part of the protocol. @internal */
export type ThreadActiveFlag = "waitingOnApproval" | "waitingOnUserInput";

/** The params of "thread/approveGuardianDeniedAction". @internal */
export type ThreadApproveGuardianDeniedActionParams = {
  event: unknown;
  threadId: string;
};

/** The result of "thread/approveGuardianDeniedAction". @internal */
export type ThreadApproveGuardianDeniedActionResponse = { [key: string]: unknown };

/** The params of "thread/archive". @internal */
export type ThreadArchiveParams = { threadId: string };

/** The result of "thread/archive". @internal */
export type ThreadArchiveResponse = { [key: string]: unknown };

/** The params of "thread/archived". @internal */
export type ThreadArchivedNotification = { threadId: string };

/** A part of the protocol. @internal */
export type ThreadAttachment = {
  attachmentType: string;
  createdAt: number;
  id: string;
  identityKey: string;
  payload: unknown;
};

/** A part of the protocol. @internal */
export type ThreadAttachmentAddOutcome = "created" | "existing";

/** The params of "thread/attachment/add". @internal */
export type ThreadAttachmentAddParams = {
  attachmentType: string;
  identityKey: string;
  payload: unknown;
  threadId: string;
};

/** The result of "thread/attachment/add". @internal */
export type ThreadAttachmentAddResponse = {
  attachment: ThreadAttachment;
  outcome: ThreadAttachmentAddOutcome;
};

/** The params of "thread/attachment/list". @internal */
export type ThreadAttachmentListParams = {
  cursor?: string | null;
  limit?: number | null;
  threadId: string;
};

/** The result of "thread/attachment/list". @internal */
export type ThreadAttachmentListResponse = {
  data: ThreadAttachment[];
  nextCursor?: string | null;
};

/** A part of the protocol. @internal */
export type ThreadAttachmentOperation = "created" | "deleted";

/** A part of the protocol. @internal */
export type ThreadAttachmentOwner = {
  archived: boolean;
  threadId: string;
};

/** The params of "thread/attachmentOwner/list". @internal */
export type ThreadAttachmentOwnerListParams = {
  archived?: boolean | null;
  attachmentType: string;
  cursor?: string | null;
  identityKey: string;
  limit?: number | null;
};

/** The result of "thread/attachmentOwner/list". @internal */
export type ThreadAttachmentOwnerListResponse = {
  data: ThreadAttachmentOwner[];
  nextCursor?: string | null;
};

/** The params of "thread/attachment/remove". @internal */
export type ThreadAttachmentRemoveParams = {
  attachmentType: string;
  identityKey: string;
  threadId: string;
};

/** The result of "thread/attachment/remove". @internal */
export type ThreadAttachmentRemoveResponse = { [key: string]: unknown };

/** The params of "thread/attachment/updated". @internal */
export type ThreadAttachmentUpdatedNotification = {
  attachmentId: string;
  attachmentType: string;
  identityKey: string;
  operation: ThreadAttachmentOperation;
  threadId: string;
};

/** A part of the protocol. @internal */
export type ThreadBackgroundTerminal = {
  command: string;
  cpuPercent?: number | null;
  cwd: LegacyAppPathString;
  itemId: string;
  osPid?: number | null;
  processId: string;
  rssKb?: number | null;
};

/** The params of "thread/backgroundTerminals/clean". @internal */
export type ThreadBackgroundTerminalsCleanParams = { threadId: string };

/** The result of "thread/backgroundTerminals/clean". @internal */
export type ThreadBackgroundTerminalsCleanResponse = { [key: string]: unknown };

/** The params of "thread/backgroundTerminals/list". @internal */
export type ThreadBackgroundTerminalsListParams = {
  cursor?: string | null;
  limit?: number | null;
  threadId: string;
};

/** The result of "thread/backgroundTerminals/list". @internal */
export type ThreadBackgroundTerminalsListResponse = {
  data: ThreadBackgroundTerminal[];
  nextCursor?: string | null;
};

/** The params of "thread/backgroundTerminals/terminate". @internal */
export type ThreadBackgroundTerminalsTerminateParams = {
  processId: string;
  threadId: string;
};

/** The result of "thread/backgroundTerminals/terminate". @internal */
export type ThreadBackgroundTerminalsTerminateResponse = { terminated: boolean };

/** The params of "thread/closed". @internal */
export type ThreadClosedNotification = { threadId: string };

/** The params of "thread/compact/start". @internal */
export type ThreadCompactStartParams = { threadId: string };

/** The result of "thread/compact/start". @internal */
export type ThreadCompactStartResponse = { [key: string]: unknown };

/** The params of "thread/decrement_elicitation". @internal */
export type ThreadDecrementElicitationParams = { threadId: string };

/** The result of "thread/decrement_elicitation". @internal */
export type ThreadDecrementElicitationResponse = {
  count: number;
  paused: boolean;
};

/** The params of "thread/delete". @internal */
export type ThreadDeleteParams = { threadId: string };

/** The result of "thread/delete". @internal */
export type ThreadDeleteResponse = { [key: string]: unknown };

/** The params of "thread/deleted". @internal */
export type ThreadDeletedNotification = { threadId: string };

/** A part of the protocol. @internal */
export type ThreadEnvironment = {
  cwd: LegacyAppPathString;
  environmentId: string;
  runtimeWorkspaceRoots: LegacyAppPathString[];
};

/** A part of the protocol. @internal */
export type ThreadExtra = { [key: string]: unknown };

/** The params of "thread/fork". @internal */
export type ThreadForkParams = {
  approvalPolicy?: AskForApproval | null;
  approvalsReviewer?: ApprovalsReviewer | null;
  attachToSource?: boolean;
  baseInstructions?: string | null;
  beforeTurnId?: string | null;
  config?: { [key: string]: unknown } | null;
  cwd?: string | null;
  deferGoalContinuation?: boolean;
  developerInstructions?: string | null;
  ephemeral?: boolean;
  excludeTurns?: boolean;
  experimentalDisablePredictionMcp?: boolean;
  experimentalPredictionMode?: boolean;
  lastTurnId?: string | null;
  model?: string | null;
  modelProvider?: string | null;
  path?: string | null;
  permissions?: string | null;
  runtimeWorkspaceRoots?: AbsolutePathBuf[] | null;
  sandbox?: SandboxMode | null;
  serviceTier?: string | null;
  threadId: string;
  threadSource?: ThreadSource | null;
};

/** The result of "thread/fork". @internal */
export type ThreadForkResponse = {
  activePermissionProfile?: ActivePermissionProfile | null;
  approvalPolicy: AskForApproval;
  approvalsReviewer: ApprovalsReviewer;
  cwd: AbsolutePathBuf;
  disabledPluginIds?: string[];
  instructionSources?: LegacyAppPathString[];
  model: string;
  modelProvider: string;
  multiAgentMode?: MultiAgentMode;
  reasoningEffort?: ReasoningEffort | null;
  runtimeWorkspaceRoots?: AbsolutePathBuf[];
  sandbox: SandboxPolicy;
  serviceTier?: string | null;
  thread: Thread;
};

/** A part of the protocol. @internal */
export type ThreadGoal = {
  createdAt: number;
  objective: string;
  status: ThreadGoalStatus;
  threadId: string;
  timeUsedSeconds: number;
  tokenBudget?: number | null;
  tokensUsed: number;
  updatedAt: number;
};

/** The params of "thread/goal/clear". @internal */
export type ThreadGoalClearParams = {
  origin?: ThreadGoalMutationOrigin | null;
  threadId: string;
};

/** The result of "thread/goal/clear". @internal */
export type ThreadGoalClearResponse = { cleared: boolean };

/** The params of "thread/goal/cleared". @internal */
export type ThreadGoalClearedNotification = { threadId: string };

/** The params of "thread/goal/get". @internal */
export type ThreadGoalGetParams = { threadId: string };

/** The result of "thread/goal/get". @internal */
export type ThreadGoalGetResponse = { goal?: ThreadGoal | null };

/** A part of the protocol. @internal */
export type ThreadGoalMutationOrigin = "user" | "automatic";

/** The params of "thread/goal/set". @internal */
export type ThreadGoalSetParams = {
  objective?: string | null;
  origin?: ThreadGoalMutationOrigin | null;
  status?: ThreadGoalStatus | null;
  threadId: string;
  tokenBudget?: number | null;
};

/** The result of "thread/goal/set". @internal */
export type ThreadGoalSetResponse = { goal: ThreadGoal };

/** A part of the protocol. @internal */
export type ThreadGoalStatus =
  | "active"
  | "paused"
  | "blocked"
  | "usageLimited"
  | "budgetLimited"
  | "complete";

/** The params of "thread/goal/updated". @internal */
export type ThreadGoalUpdatedNotification = {
  goal: ThreadGoal;
  threadId: string;
  turnId?: string | null;
};

/** A part of the protocol. @internal */
export type ThreadGuardianAssessment = {
  outcome: GuardianAssessmentOutcome;
  rationale: string;
  riskLevel: GuardianRiskLevel;
  userAuthorization: GuardianUserAuthorization;
};

/** The params of "thread/guardianReview". @internal */
export type ThreadGuardianReviewParams = { threadId: string };

/** The result of "thread/guardianReview". @internal */
export type ThreadGuardianReviewResponse = {
  assessment?: ThreadGuardianAssessment | null;
  callId: string;
};

/** A part of the protocol. @internal */
export type ThreadHistoryMode = "legacy" | "paginated";

/** A part of the protocol. @internal */
export type ThreadId = string;

/** The params of "thread/increment_elicitation". @internal */
export type ThreadIncrementElicitationParams = { threadId: string };

/** The result of "thread/increment_elicitation". @internal */
export type ThreadIncrementElicitationResponse = {
  count: number;
  paused: boolean;
};

/** The params of "thread/inject_items". @internal */
export type ThreadInjectItemsParams = {
  items: unknown[];
  threadId: string;
};

/** The result of "thread/inject_items". @internal */
export type ThreadInjectItemsResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ThreadItem =
  & {
    completedAtMs?: number | null;
    startedAtMs?: number | null;
  }
  & (
    | {
      clientId?: string | null;
      content: UserInput[];
      id: string;
      type: "userMessage";
    }
    | {
      fragments: HookPromptFragment[];
      id: string;
      type: "hookPrompt";
    }
    | {
      delivery?: AgentMessageDelivery | null;
      id: string;
      memoryCitation?: MemoryCitation | null;
      moderation?: AgentMessageModeration | null;
      phase?: MessagePhase | null;
      questions?: AsyncUserInputQuestion[] | null;
      text: string;
      type: "agentMessage";
    }
    | {
      id: string;
      name: string;
      namespace?: string | null;
      output: FunctionCallOutputBody;
      type: "functionCallOutput";
    }
    | {
      id: string;
      text: string;
      type: "plan";
    }
    | {
      content?: string[];
      id: string;
      summary?: string[];
      type: "reasoning";
    }
    | {
      aggregatedOutput?: string | null;
      command: string;
      commandActions: CommandAction[];
      cwd: LegacyAppPathString;
      durationMs?: number | null;
      exitCode?: number | null;
      id: string;
      pluginId?: string | null;
      processId?: string | null;
      scriptPath?: string | null;
      source?: CommandExecutionSource;
      status: CommandExecutionStatus;
      type: "commandExecution";
    }
    | {
      changes: FileUpdateChange[];
      id: string;
      status: PatchApplyStatus;
      type: "fileChange";
    }
    | {
      appContext?: McpToolCallAppContext | null;
      arguments: unknown;
      durationMs?: number | null;
      error?: McpToolCallError | null;
      id: string;
      mcpAppResourceUri?: string | null;
      mcpAppUi?: McpAppUi | null;
      pluginId?: string | null;
      readOnlyHint?: boolean | null;
      result?: McpToolCallResult | null;
      server: string;
      status: McpToolCallStatus;
      tool: string;
      type: "mcpToolCall";
    }
    | {
      arguments: unknown;
      contentItems?: DynamicToolCallOutputContentItem[] | null;
      durationMs?: number | null;
      id: string;
      namespace?: string | null;
      status: DynamicToolCallStatus;
      success?: boolean | null;
      tool: string;
      type: "dynamicToolCall";
    }
    | {
      agentsStates: { [key: string]: CollabAgentState };
      id: string;
      model?: string | null;
      prompt?: string | null;
      reasoningEffort?: ReasoningEffort | null;
      receiverThreadIds: string[];
      senderThreadId: string;
      status: CollabAgentToolCallStatus;
      tool: CollabAgentTool;
      type: "collabAgentToolCall";
    }
    | {
      agentPath: string;
      agentThreadId: string;
      id: string;
      kind: SubAgentActivityKind;
      model?: string | null;
      reasoningEffort?: ReasoningEffort | null;
      type: "subAgentActivity";
    }
    | {
      action?: WebSearchAction | null;
      id: string;
      query: string;
      results?: unknown[] | null;
      type: "webSearch";
    }
    | {
      id: string;
      path: LegacyAppPathString;
      type: "imageView";
    }
    | {
      durationMs: number;
      id: string;
      type: "sleep";
    }
    | (
      & {
        failure?: ImageGenerationFailure | null;
        generationId?: string | null;
        id: string;
        inputImages?: ImageGenerationInputImage[];
        revisedPrompt?: string | null;
        savedPath?: AbsolutePathBuf | null;
        status: string;
        transparentBackground?: boolean | null;
        type: "imageGeneration";
      }
      & ({ fileId: string } | { result: string })
    )
    | {
      id: string;
      review: string;
      type: "enteredReviewMode";
    }
    | {
      id: string;
      review: string;
      type: "exitedReviewMode";
    }
    | {
      id: string;
      type: "contextCompaction";
    }
  );

/** A part of the protocol. @internal */
export type ThreadItemEntry = {
  completedAtMs?: number | null;
  item: ThreadItem;
  outputDeferred?: boolean;
  startedAtMs?: number | null;
  turnId: string;
};

/** A part of the protocol. @internal */
export type ThreadItemOutputDeferral = {
  commandExecution?: boolean;
  mcpToolCall?: boolean;
};

/** A part of the protocol. @internal */
export type ThreadItemsListAnchor = {
  itemId: string;
  type: "item";
};

/** A part of the protocol. @internal */
export type ThreadItemsListCursor = string | ThreadItemsListAnchor;

/** The params of "thread/items/list". @internal */
export type ThreadItemsListParams = {
  cursor?: ThreadItemsListCursor | null;
  deferOutput?: ThreadItemOutputDeferral | null;
  limit?: number | null;
  sortDirection?: SortDirection | null;
  threadId: string;
  turnId?: string | null;
};

/** The result of "thread/items/list". @internal */
export type ThreadItemsListResponse = {
  backwardsCursor?: string | null;
  data: ThreadItemEntry[];
  nextCursor?: string | null;
};

/** The params of "thread/items/read". @internal */
export type ThreadItemsReadParams = {
  itemIds: string[];
  threadId: string;
  turnId: string;
};

/** The result of "thread/items/read". @internal */
export type ThreadItemsReadResponse = { data: ThreadItemEntry[] };

/** A part of the protocol. @internal */
export type ThreadListCwdFilter = string | string[];

/** The params of "thread/list". @internal */
export type ThreadListParams = {
  ancestorThreadId?: string | null;
  archived?: boolean | null;
  attachedToThreadId?: string | null;
  currentAccountOnly?: boolean;
  cursor?: string | null;
  cwd?: ThreadListCwdFilter | null;
  excludedThreadIds?: string[] | null;
  includeAttachedThreads?: boolean;
  limit?: number | null;
  modelProviders?: string[] | null;
  originators?: string[] | null;
  parentThreadId?: string | null;
  projectId?: string | null;
  searchTerm?: string | null;
  sectionId?: string | null;
  sortDirection?: SortDirection | null;
  sortKey?: ThreadSortKey | null;
  sourceKinds?: ThreadSourceKind[] | null;
  useStateDbOnly?: boolean;
};

/** The result of "thread/list". @internal */
export type ThreadListResponse = {
  backwardsCursor?: string | null;
  data: Thread[];
  nextCursor?: string | null;
  readStates?: { [key: string]: ThreadReadState } | null;
};

/** The params of "thread/loaded/list". @internal */
export type ThreadLoadedListParams = {
  cursor?: string | null;
  limit?: number | null;
};

/** The result of "thread/loaded/list". @internal */
export type ThreadLoadedListResponse = {
  data: string[];
  nextCursor?: string | null;
};

/** A part of the protocol. @internal */
export type ThreadMemoryMode = "enabled" | "disabled";

/** The params of "thread/memoryMode/set". @internal */
export type ThreadMemoryModeSetParams = {
  mode: ThreadMemoryMode;
  threadId: string;
};

/** The result of "thread/memoryMode/set". @internal */
export type ThreadMemoryModeSetResponse = { [key: string]: unknown };

/** The params of "thread/memory/read". @internal */
export type ThreadMemoryReadParams = { threadId: string };

/** The result of "thread/memory/read". @internal */
export type ThreadMemoryReadResponse = { summary?: string | null };

/** A part of the protocol. @internal */
export type ThreadMetadataGitInfoUpdateParams = {
  branch?: string | null;
  originUrl?: string | null;
  sha?: string | null;
};

/** The params of "thread/metadata/update". @internal */
export type ThreadMetadataUpdateParams = {
  daybreakEnabled?: boolean | null;
  gitInfo?: ThreadMetadataGitInfoUpdateParams | null;
  projectId?: string | null;
  threadId: string;
};

/** The result of "thread/metadata/update". @internal */
export type ThreadMetadataUpdateResponse = { thread: Thread };

/** The params of "thread/name/updated". @internal */
export type ThreadNameUpdatedNotification = {
  threadId: string;
  threadName?: string | null;
};

/** The params of "thread/prediction/request". @internal */
export type ThreadPredictionRequestParams = {
  sourceTurnId: string;
  threadId: string;
};

/** The result of "thread/prediction/request". @internal */
export type ThreadPredictionRequestResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ThreadPredictionResult =
  | {
    text?: string | null;
    type: "completed";
  }
  | { type: "failed" };

/** The params of "thread/prediction/updated". @internal */
export type ThreadPredictionUpdatedNotification = {
  result: ThreadPredictionResult;
  sourceTurnId: string;
  threadId: string;
};

/** The params of "thread/prepareApprovedPlan". @internal */
export type ThreadPrepareApprovedPlanParams = {
  attachmentPath?: string | null;
  markdown: string;
  threadId: string;
};

/** The result of "thread/prepareApprovedPlan". @internal */
export type ThreadPrepareApprovedPlanResponse = { prompt: string };

/** The params of "thread/project/updated". @internal */
export type ThreadProjectUpdatedNotification = {
  projectId: string | null;
  threadId: string;
};

/** The params of "thread/queue/add". @internal */
export type ThreadQueueAddParams = {
  clientUserMessageId: string;
  input: UserInput[];
  responsesapiClientMetadata?: { [key: string]: string } | null;
  threadId: string;
};

/** The result of "thread/queue/add". @internal */
export type ThreadQueueAddResponse = { queuedSubmission: QueuedSubmission };

/** The params of "thread/queue/changed". @internal */
export type ThreadQueueChangedNotification = { threadId: string };

/** The params of "thread/queue/delete". @internal */
export type ThreadQueueDeleteParams = {
  queuedSubmissionId: string;
  threadId: string;
};

/** The result of "thread/queue/delete". @internal */
export type ThreadQueueDeleteResponse = { deleted: boolean };

/** The params of "thread/queue/list". @internal */
export type ThreadQueueListParams = {
  cursor?: string | null;
  limit?: number | null;
  threadId: string;
};

/** The result of "thread/queue/list". @internal */
export type ThreadQueueListResponse = {
  data: QueuedSubmission[];
  nextCursor?: string | null;
};

/** The params of "thread/queue/reorder". @internal */
export type ThreadQueueReorderParams = {
  queuedSubmissionIds: string[];
  threadId: string;
};

/** The result of "thread/queue/reorder". @internal */
export type ThreadQueueReorderResponse = { [key: string]: unknown };

/** The params of "thread/queue/start". @internal */
export type ThreadQueueStartParams = {
  queuedSubmissionId?: string | null;
  threadId: string;
};

/** The result of "thread/queue/start". @internal */
export type ThreadQueueStartResponse = { turn: Turn };

/** The params of "thread/queue/update". @internal */
export type ThreadQueueUpdateParams = {
  input: UserInput[];
  queuedSubmissionId: string;
  responsesapiClientMetadata?: { [key: string]: string } | null;
  threadId: string;
};

/** The result of "thread/queue/update". @internal */
export type ThreadQueueUpdateResponse = { queuedSubmission: QueuedSubmission };

/** The params of "thread/read". @internal */
export type ThreadReadParams = {
  includeTurns?: boolean;
  threadId: string;
};

/** The result of "thread/read". @internal */
export type ThreadReadResponse = {
  readState?: ThreadReadState | null;
  thread: Thread;
};

/** A part of the protocol. @internal */
export type ThreadReadState = {
  firstUnread?: ThreadUnreadPosition | null;
  revision: string;
};

/** The params of "thread/readState/changed". @internal */
export type ThreadReadStateChangedNotification = {
  readState: ThreadReadState;
  threadId: string;
};

/** A part of the protocol. @internal */
export type ThreadReadStateOperation = { type: "read" } | { type: "unread" };

/** The params of "thread/readState/update". @internal */
export type ThreadReadStateUpdateParams = {
  expectedRevision: string;
  operation: ThreadReadStateOperation;
  threadId: string;
};

/** The result of "thread/readState/update". @internal */
export type ThreadReadStateUpdateResponse = { readState: ThreadReadState };

/** The params of "thread/realtime/appendAudio". @internal */
export type ThreadRealtimeAppendAudioParams = {
  audio: ThreadRealtimeAudioChunk;
  threadId: string;
};

/** The result of "thread/realtime/appendAudio". @internal */
export type ThreadRealtimeAppendAudioResponse = { [key: string]: unknown };

/** The params of "thread/realtime/appendSpeech". @internal */
export type ThreadRealtimeAppendSpeechParams = {
  text: string;
  threadId: string;
};

/** The result of "thread/realtime/appendSpeech". @internal */
export type ThreadRealtimeAppendSpeechResponse = { [key: string]: unknown };

/** The params of "thread/realtime/appendText". @internal */
export type ThreadRealtimeAppendTextParams = {
  role?: ConversationTextRole;
  text: string;
  threadId: string;
};

/** The result of "thread/realtime/appendText". @internal */
export type ThreadRealtimeAppendTextResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ThreadRealtimeAudioChunk = {
  data: string;
  itemId?: string | null;
  numChannels: number;
  sampleRate: number;
  samplesPerChannel?: number | null;
};

/** A part of the protocol. @internal */
export type ThreadRealtimeBemItemPresentation =
  | { type: "wholeItem" }
  | { type: "inlineMarkdown" }
  | {
    index: number;
    type: "inlineVisualization";
  };

/** The params of "thread/realtime/closed". @internal */
export type ThreadRealtimeClosedNotification = {
  reason?: string | null;
  threadId: string;
};

/** The params of "thread/realtime/error". @internal */
export type ThreadRealtimeErrorNotification = {
  message: string;
  threadId: string;
};

/** A part of the protocol. @internal */
export type ThreadRealtimeInitialItem = {
  role: ConversationTextRole;
  text: string;
};

/** A part of the protocol. @internal */
export type ThreadRealtimeItem =
  & {
    id: string;
    realtimeSessionId: string;
  }
  & (
    | { type: "realtimeSessionStarted" }
    | {
      role: ThreadRealtimeTranscriptRole;
      text: string;
      type: "transcriptSegment";
    }
    | {
      item_id: string;
      presentation: ThreadRealtimeBemItemPresentation;
      turn_id: string;
      type: "bemItemPromoted";
    }
    | {
      outcome: ThreadRealtimeSessionOutcome;
      type: "realtimeSessionClosed";
    }
  );

/** The params of "thread/realtime/itemAdded". @internal */
export type ThreadRealtimeItemAddedNotification = {
  item: unknown;
  threadId: string;
};

/** The params of "thread/realtime/item/completed". @internal */
export type ThreadRealtimeItemCompletedNotification = {
  item: ThreadRealtimeItem;
  threadId: string;
};

/** The params of "thread/realtime/item/started". @internal */
export type ThreadRealtimeItemStartedNotification = {
  item: ThreadRealtimeItem;
  threadId: string;
};

/** The params of "thread/realtime/item/transcript/delta". @internal */
export type ThreadRealtimeItemTranscriptDeltaNotification = {
  delta: string;
  itemId: string;
  threadId: string;
};

/** The params of "thread/realtime/listVoices". @internal */
export type ThreadRealtimeListVoicesParams = { [key: string]: unknown };

/** The result of "thread/realtime/listVoices". @internal */
export type ThreadRealtimeListVoicesResponse = { voices: RealtimeVoicesList };

/** The params of "thread/realtime/outputAudio/delta". @internal */
export type ThreadRealtimeOutputAudioDeltaNotification = {
  audio: ThreadRealtimeAudioChunk;
  threadId: string;
};

/** The params of "thread/realtime/sdp". @internal */
export type ThreadRealtimeSdpNotification = {
  sdp: string;
  threadId: string;
};

/** A part of the protocol. @internal */
export type ThreadRealtimeSessionOutcome = "ended" | "failed";

/** The params of "thread/realtime/start". @internal */
export type ThreadRealtimeStartParams = {
  backendReasoningStatus?: boolean;
  clientManagedHandoffs?: boolean | null;
  codexResponseHandoffChannelPrefixes?: { [key: string]: string[] } | null;
  codexResponseHandoffMode?: CodexResponseHandoffMode | null;
  codexResponseItemPrefix?: string | null;
  codexResponsesAsItems?: boolean | null;
  delegationAckFiller?: boolean | null;
  flushTranscriptTailOnSessionEnd?: boolean | null;
  includeStartupContext?: boolean | null;
  initialItems?: ThreadRealtimeInitialItem[] | null;
  model?: string | null;
  outputModality: RealtimeOutputModality;
  prompt?: string | null;
  realtimeEndInstructions?: string | null;
  realtimeSessionId?: string | null;
  realtimeStartInstructions?: string | null;
  threadId: string;
  transport?: ThreadRealtimeStartTransport | null;
  version?: RealtimeConversationVersion | null;
  voice?: RealtimeVoice | null;
  voiceSessionId?: string | null;
};

/** The result of "thread/realtime/start". @internal */
export type ThreadRealtimeStartResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ThreadRealtimeStartTransport =
  | { type: "websocket" }
  | {
    sdp: string;
    type: "webrtc";
  }
  | {
    callId: string;
    type: "existingCall";
  };

/** The params of "thread/realtime/started". @internal */
export type ThreadRealtimeStartedNotification = {
  realtimeSessionId?: string | null;
  threadId: string;
  version: RealtimeConversationVersion;
};

/** The params of "thread/realtime/stop". @internal */
export type ThreadRealtimeStopParams = { threadId: string };

/** The result of "thread/realtime/stop". @internal */
export type ThreadRealtimeStopResponse = { [key: string]: unknown };

/** The params of "thread/realtime/transcript/delta". @internal */
export type ThreadRealtimeTranscriptDeltaNotification = {
  delta: string;
  role: string;
  threadId: string;
};

/** The params of "thread/realtime/transcript/done". @internal */
export type ThreadRealtimeTranscriptDoneNotification = {
  role: string;
  text: string;
  threadId: string;
};

/** A part of the protocol. @internal */
export type ThreadRealtimeTranscriptRole = "user" | "assistant";

/** A part of the protocol. @internal */
export type ThreadResumeInitialTurnsPageParams = {
  itemsView?: TurnItemsView | null;
  limit?: number | null;
  sortDirection?: SortDirection | null;
};

/** The params of "thread/resume". @internal */
export type ThreadResumeParams = {
  approvalPolicy?: AskForApproval | null;
  approvalsReviewer?: ApprovalsReviewer | null;
  baseInstructions?: string | null;
  config?: { [key: string]: unknown } | null;
  cwd?: string | null;
  developerInstructions?: string | null;
  excludeTurns?: boolean;
  history?: ResponseItem[] | null;
  initialTurnsPage?: ThreadResumeInitialTurnsPageParams | null;
  model?: string | null;
  modelProvider?: string | null;
  path?: string | null;
  permissions?: string | null;
  personality?: Personality | null;
  runtimeWorkspaceRoots?: AbsolutePathBuf[] | null;
  sandbox?: SandboxMode | null;
  serviceTier?: string | null;
  threadId: string;
};

/** The result of "thread/resume". @internal */
export type ThreadResumeResponse = {
  activePermissionProfile?: ActivePermissionProfile | null;
  approvalPolicy: AskForApproval;
  approvalsReviewer: ApprovalsReviewer;
  collaborationMode?: CollaborationMode | null;
  cwd: AbsolutePathBuf;
  disabledPluginIds?: string[];
  initialTurnsPage?: TurnsPage | null;
  instructionSources?: LegacyAppPathString[];
  itemsBackwardsCursor?: string | null;
  model: string;
  modelProvider: string;
  multiAgentMode?: MultiAgentMode;
  reasoningEffort?: ReasoningEffort | null;
  runtimeWorkspaceRoots?: AbsolutePathBuf[];
  sandbox: SandboxPolicy;
  serviceTier?: string | null;
  thread: Thread;
  turnsBackwardsCursor?: string | null;
};

/** The params of "thread/revert". @internal */
export type ThreadRevertParams = {
  beforeTurnId: string;
  threadId: string;
};

/** The result of "thread/revert". @internal */
export type ThreadRevertResponse = {
  itemsBackwardsCursor?: string | null;
  thread: Thread;
  turnsBackwardsCursor?: string | null;
};

/** The params of "thread/reverted". @internal */
export type ThreadRevertedNotification = { threadId: string };

/** The params of "thread/sample/cancel". @internal */
export type ThreadSampleCancelParams = { requestId: RequestId };

/** The result of "thread/sample/cancel". @internal */
export type ThreadSampleCancelResponse = { [key: string]: unknown };

/** The params of "thread/sample". @internal */
export type ThreadSampleParams = {
  allowInProgressTurn?: boolean;
  disableMcp?: boolean;
  effort?: ReasoningEffort | null;
  expectedTurnId: string;
  interruptOnCancel?: boolean | null;
  prompt: string;
  responsesapiClientMetadata?: { [key: string]: string } | null;
  threadId: string;
  threadSource?: ThreadSource | null;
  turnTrigger?: string | null;
};

/** The result of "thread/sample". @internal */
export type ThreadSampleResponse = {
  cachedInputTokens?: number | null;
  inputTokens?: number | null;
  outputTokens?: number | null;
  responseId: string;
  sourceTurnId: string;
  text?: string | null;
};

/** A part of the protocol. @internal */
export type ThreadSearchOccurrence = {
  itemId: string;
  snippet: string;
  snippetMatchRange: ThreadSearchTextRange;
  turnCursor: string;
  turnId: string;
};

/** The params of "thread/searchOccurrences". @internal */
export type ThreadSearchOccurrencesParams = {
  cursor?: string | null;
  limit?: number | null;
  searchTerm: string;
  threadId: string;
};

/** The result of "thread/searchOccurrences". @internal */
export type ThreadSearchOccurrencesResponse = {
  data: ThreadSearchOccurrence[];
  nextCursor?: string | null;
};

/** The params of "thread/search". @internal */
export type ThreadSearchParams = {
  archived?: boolean | null;
  currentAccountOnly?: boolean;
  cursor?: string | null;
  includeAttachedThreads?: boolean;
  limit?: number | null;
  searchTerm: string;
  sortDirection?: SortDirection | null;
  sortKey?: ThreadSearchSortKey | null;
  sourceKinds?: ThreadSourceKind[] | null;
};

/** The result of "thread/search". @internal */
export type ThreadSearchResponse = {
  backwardsCursor?: string | null;
  data: ThreadSearchResult[];
  nextCursor?: string | null;
};

/** A part of the protocol. @internal */
export type ThreadSearchResult = {
  snippet: string;
  thread: Thread;
};

/** A part of the protocol. @internal */
export type ThreadSearchSortKey = "created_at" | "updated_at" | "recency_at";

/** A part of the protocol. @internal */
export type ThreadSearchTextRange = {
  end: number;
  start: number;
};

/** A part of the protocol. @internal */
export type ThreadSection = {
  appearance?: ThreadSectionAppearance | null;
  id: string;
  name: string;
};

/** A part of the protocol. @internal */
export type ThreadSectionAppearance = {
  color?: string | null;
  icon?: string | null;
};

/** The params of "thread/section/changed". @internal */
export type ThreadSectionChangedNotification = {
  sectionId: string | null;
  threadId: string;
};

/** The params of "threadSection/create". @internal */
export type ThreadSectionCreateParams = {
  appearance?: ThreadSectionAppearance | null;
  name: string;
};

/** The result of "threadSection/create". @internal */
export type ThreadSectionCreateResponse = { section: ThreadSection };

/** The params of "threadSection/delete". @internal */
export type ThreadSectionDeleteParams = { sectionId: string };

/** The result of "threadSection/delete". @internal */
export type ThreadSectionDeleteResponse = { [key: string]: unknown };

/** The params of "threadSection/list". @internal */
export type ThreadSectionListParams = {
  cursor?: string | null;
  limit?: number | null;
};

/** The result of "threadSection/list". @internal */
export type ThreadSectionListResponse = {
  data: ThreadSection[];
  nextCursor?: string | null;
};

/** The params of "thread/section/move". @internal */
export type ThreadSectionMoveParams = {
  beforeThreadId?: string | null;
  sectionId: string | null;
  threadId: string;
};

/** The result of "thread/section/move". @internal */
export type ThreadSectionMoveResponse = { [key: string]: unknown };

/** The params of "threadSection/update". @internal */
export type ThreadSectionUpdateParams = {
  appearance?: ThreadSectionAppearance | null;
  name: string;
  sectionId: string;
};

/** The result of "threadSection/update". @internal */
export type ThreadSectionUpdateResponse = { section: ThreadSection };

/** The params of "thread/name/set". @internal */
export type ThreadSetNameParams = {
  name: string;
  threadId: string;
};

/** The result of "thread/name/set". @internal */
export type ThreadSetNameResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ThreadSettings = {
  activePermissionProfile?: ActivePermissionProfile | null;
  approvalPolicy: AskForApproval;
  approvalsReviewer: ApprovalsReviewer;
  collaborationMode: CollaborationMode;
  cwd: AbsolutePathBuf;
  disabledPluginIds?: string[];
  effort?: ReasoningEffort | null;
  environments?: ThreadEnvironment[] | null;
  model: string;
  modelProvider: string;
  multiAgentMode?: MultiAgentMode;
  personality?: Personality | null;
  sandboxPolicy: SandboxPolicy;
  serviceTier?: string | null;
  summary?: ReasoningSummary | null;
};

/** The params of "thread/settings/update". @internal */
export type ThreadSettingsUpdateParams = {
  approvalPolicy?: AskForApproval | null;
  approvalsReviewer?: ApprovalsReviewer | null;
  collaborationMode?: CollaborationMode | null;
  cwd?: string | null;
  disabledPluginIds?: string[] | null;
  effort?: ReasoningEffort | null;
  environments?: TurnEnvironmentParams[] | null;
  model?: string | null;
  multiAgentMode?: MultiAgentMode | null;
  permissions?: string | null;
  personality?: Personality | null;
  sandboxPolicy?: SandboxPolicy | null;
  serviceTier?: string | null;
  summary?: ReasoningSummary | null;
  threadId: string;
};

/** The result of "thread/settings/update". @internal */
export type ThreadSettingsUpdateResponse = { [key: string]: unknown };

/** The params of "thread/settings/updated". @internal */
export type ThreadSettingsUpdatedNotification = {
  threadId: string;
  threadSettings: ThreadSettings;
};

/** The params of "thread/shellCommand". @internal */
export type ThreadShellCommandParams = {
  command: string;
  threadId: string;
  timeoutMs?: number | null;
};

/** The result of "thread/shellCommand". @internal */
export type ThreadShellCommandResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type ThreadSortKey = "created_at" | "updated_at" | "recency_at" | "section_position";

/** A part of the protocol. @internal */
export type ThreadSource = string;

/** A part of the protocol. @internal */
export type ThreadSourceKind =
  | "cli"
  | "vscode"
  | "exec"
  | "appServer"
  | "subAgent"
  | "subAgentReview"
  | "subAgentCompact"
  | "subAgentThreadSpawn"
  | "subAgentOther"
  | "unknown";

/** The params of "thread/start". @internal */
export type ThreadStartParams = {
  allowProviderModelFallback?: boolean;
  approvalPolicy?: AskForApproval | null;
  approvalsReviewer?: ApprovalsReviewer | null;
  baseInstructions?: string | null;
  config?: { [key: string]: unknown } | null;
  cwd?: string | null;
  daybreakEnabled?: boolean | null;
  developerInstructions?: string | null;
  dynamicTools?: DynamicToolSpec[] | null;
  environments?: TurnEnvironmentParams[] | null;
  ephemeral?: boolean | null;
  experimentalRawEvents?: boolean;
  historyMode?: ThreadHistoryMode | null;
  mockExperimentalField?: string | null;
  model?: string | null;
  modelProvider?: string | null;
  multiAgentMode?: MultiAgentMode | null;
  permissions?: string | null;
  personality?: Personality | null;
  projectId?: string | null;
  runtimeWorkspaceRoots?: AbsolutePathBuf[] | null;
  sandbox?: SandboxMode | null;
  selectedCapabilityRoots?: SelectedCapabilityRoot[] | null;
  serviceName?: string | null;
  serviceTier?: string | null;
  sessionStartSource?: ThreadStartSource | null;
  threadSource?: ThreadSource | null;
};

/** The result of "thread/start". @internal */
export type ThreadStartResponse = {
  activePermissionProfile?: ActivePermissionProfile | null;
  approvalPolicy: AskForApproval;
  approvalsReviewer: ApprovalsReviewer;
  cwd: AbsolutePathBuf;
  disabledPluginIds?: string[];
  instructionSources?: LegacyAppPathString[];
  model: string;
  modelProvider: string;
  multiAgentMode?: MultiAgentMode;
  reasoningEffort?: ReasoningEffort | null;
  runtimeWorkspaceRoots?: AbsolutePathBuf[];
  sandbox: SandboxPolicy;
  serviceTier?: string | null;
  thread: Thread;
};

/** A part of the protocol. @internal */
export type ThreadStartSource = "startup" | "clear";

/** The params of "thread/started". @internal */
export type ThreadStartedNotification = { thread: Thread };

/** A part of the protocol. @internal */
export type ThreadStatus =
  | { type: "notLoaded" }
  | { type: "idle" }
  | { type: "systemError" }
  | {
    activeFlags: ThreadActiveFlag[];
    type: "active";
  };

/** The params of "thread/status/changed". @internal */
export type ThreadStatusChangedNotification = {
  status: ThreadStatus;
  threadId: string;
};

/** A part of the protocol. @internal */
export type ThreadTimelineEntry =
  | {
    item: ThreadItem;
    position: number;
    turnId: string;
    type: "item";
  }
  | {
    item: ThreadRealtimeItem;
    position: number;
    type: "realtime";
  }
  | {
    position: number;
    started_at?: number | null;
    turn_id: string;
    type: "turnStarted";
  }
  | {
    completed_at?: number | null;
    duration_ms?: number | null;
    error?: TurnError | null;
    position: number;
    started_at?: number | null;
    status: TurnStatus;
    turn_id: string;
    type: "turnCompleted";
  };

/** The params of "thread/timeline/list". @internal */
export type ThreadTimelineListParams = {
  cursor?: string | null;
  limit?: number | null;
  threadId: string;
};

/** The result of "thread/timeline/list". @internal */
export type ThreadTimelineListResponse = {
  activeRealtimeSessionAtPageStart?: string | null;
  data: ThreadTimelineEntry[];
  nextCursor?: string | null;
};

/** A part of the protocol. @internal */
export type ThreadTokenUsage = {
  last: TokenUsageBreakdown;
  modelContextWindow?: number | null;
  total: TokenUsageBreakdown;
};

/** The params of "thread/tokenUsage/updated". @internal */
export type ThreadTokenUsageUpdatedNotification = {
  threadId: string;
  tokenUsage: ThreadTokenUsage;
  turnId: string;
};

/** The params of "thread/turns/list". @internal */
export type ThreadTurnsListParams = {
  cursor?: string | null;
  itemsView?: TurnItemsView | null;
  limit?: number | null;
  sortDirection?: SortDirection | null;
  threadId: string;
};

/** The result of "thread/turns/list". @internal */
export type ThreadTurnsListResponse = {
  backwardsCursor?: string | null;
  data: Turn[];
  nextCursor?: string | null;
};

/** The params of "thread/unarchive". @internal */
export type ThreadUnarchiveParams = { threadId: string };

/** The result of "thread/unarchive". @internal */
export type ThreadUnarchiveResponse = { thread: Thread };

/** The params of "thread/unarchived". @internal */
export type ThreadUnarchivedNotification = { threadId: string };

/** A part of the protocol. @internal */
export type ThreadUnreadPosition =
  | { type: "threadStart" }
  | {
    turnId: string;
    type: "turn";
  };

/** The params of "thread/unsubscribe". @internal */
export type ThreadUnsubscribeParams = { threadId: string };

/** The result of "thread/unsubscribe". @internal */
export type ThreadUnsubscribeResponse = { status: ThreadUnsubscribeStatus };

/** A part of the protocol. @internal */
export type ThreadUnsubscribeStatus = "notLoaded" | "notSubscribed" | "unsubscribed";

/** A part of the protocol. @internal */
export type ThreadUsage = {
  estimatedUsageCreditsMicros: number;
  estimatedUsageUsdMicros?: number | null;
  groups: ThreadUsageBreakdownGroup[];
  nativeUsageUsdMicros?: number | null;
  threadId: string;
};

/** A part of the protocol. @internal */
export type ThreadUsageBreakdownGroup = {
  cachedInputTokens?: number | null;
  estimatedUsageCreditsMicros: number;
  inputTokens?: number | null;
  model?: string | null;
  netNewInputTokens?: number | null;
  outputTokens?: number | null;
  reasoningEffort?: string | null;
  speed?: string | null;
  totalTokens?: number | null;
};

/** A part of the protocol. @internal */
export type TokenUsageBreakdown = {
  cacheWriteInputTokens?: number;
  cachedInputTokens: number;
  inputTokens: number;
  outputTokens: number;
  reasoningOutputTokens: number;
  totalTokens: number;
};

/** A part of the protocol. @internal */
export type Tool = {
  _meta?: unknown;
  annotations?: unknown;
  description?: string | null;
  icons?: unknown[] | null;
  inputSchema: unknown;
  name: string;
  outputSchema?: unknown;
  title?: string | null;
};

/** A part of the protocol. @internal */
export type ToolExposureSurface = "code_mode" | "deferred" | "direct";

/** A part of the protocol. @internal */
export type ToolRequestUserInputAnswer = { answers: string[] };

/** A part of the protocol. @internal */
export type ToolRequestUserInputOption = {
  description: string;
  label: string;
};

/** The params of "item/tool/requestUserInput". @internal */
export type ToolRequestUserInputParams = {
  autoResolutionMs?: number | null;
  isBlocking: boolean;
  itemId: string;
  questions: ToolRequestUserInputQuestion[];
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type ToolRequestUserInputQuestion = {
  header: string;
  id: string;
  isOther?: boolean;
  isSecret?: boolean;
  options?: ToolRequestUserInputOption[] | null;
  question: string;
};

/** The result of "item/tool/requestUserInput". @internal */
export type ToolRequestUserInputResponse = {
  answers: { [key: string]: ToolRequestUserInputAnswer };
};

/** A part of the protocol. @internal */
export type ToolsV2 = { web_search?: WebSearchToolConfig | null };

/** A part of the protocol. @internal */
export type Turn = {
  completedAt?: number | null;
  durationMs?: number | null;
  error?: TurnError | null;
  id: string;
  items: ThreadItem[];
  itemsView?: TurnItemsView;
  rootTurnId?: string | null;
  startedAt?: number | null;
  status: TurnStatus;
};

/** The params of "turn/completed". @internal */
export type TurnCompletedNotification = {
  threadId: string;
  turn: Turn;
};

/** The params of "turn/diff/updated". @internal */
export type TurnDiffUpdatedNotification = {
  diff: string;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type TurnEnvironmentParams = {
  cwd: LegacyAppPathString;
  environmentId: string;
  runtimeWorkspaceRoots?: LegacyAppPathString[] | null;
};

/** A part of the protocol. @internal */
export type TurnError = {
  additionalDetails?: string | null;
  codexErrorInfo?: CodexErrorInfo | null;
  message: string;
  misalignment?: MisalignmentErrorDetails | null;
};

/** The params of "turn/interrupt". @internal */
export type TurnInterruptParams = {
  threadId: string;
  turnId: string;
};

/** The result of "turn/interrupt". @internal */
export type TurnInterruptResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type TurnItemsView = "notLoaded" | "summary" | "full";

/** The params of "turn/moderationMetadata". @internal */
export type TurnModerationMetadataNotification = {
  metadata: unknown;
  threadId: string;
  turnId: string;
};

/** A part of the protocol. @internal */
export type TurnPlanStep = {
  status: TurnPlanStepStatus;
  step: string;
};

/** A part of the protocol. @internal */
export type TurnPlanStepStatus = "pending" | "inProgress" | "completed";

/** The params of "turn/plan/updated". @internal */
export type TurnPlanUpdatedNotification = {
  explanation?: string | null;
  plan: TurnPlanStep[];
  threadId: string;
  turnId: string;
};

/** The params of "turn/settings/update". @internal */
export type TurnSettingsUpdateParams = {
  approvalsReviewer?: ApprovalsReviewer | null;
  effort?: ReasoningEffort | null;
  environments?: TurnEnvironmentParams[] | null;
  model?: string | null;
  serviceTier?: string | null;
  summary?: ReasoningSummary | null;
  threadId: string;
  turnId: string;
};

/** The result of "turn/settings/update". @internal */
export type TurnSettingsUpdateResponse = { status: TurnSettingsUpdateStatus };

/** A part of the protocol. @internal */
export type TurnSettingsUpdateStatus = "applied" | "targetUnavailable";

/** The params of "turn/start". @internal */
export type TurnStartParams = {
  additionalContext?: { [key: string]: AdditionalContextEntry } | null;
  approvalPolicy?: AskForApproval | null;
  approvalsReviewer?: ApprovalsReviewer | null;
  clientUserMessageId?: string | null;
  collaborationMode?: CollaborationMode | null;
  cwd?: string | null;
  cyberAccessProgram?: CyberAccessProgram | null;
  disabledPluginIds?: string[] | null;
  effort?: ReasoningEffort | null;
  environments?: TurnEnvironmentParams[] | null;
  input: UserInput[];
  model?: string | null;
  multiAgentMode?: MultiAgentMode | null;
  outputSchema?: unknown;
  parentTurnId?: string | null;
  permissions?: string | null;
  personality?: Personality | null;
  responsesapiClientMetadata?: { [key: string]: string } | null;
  responsesapiClientMetadataPatch?: { [key: string]: string } | null;
  rootTurnId?: string | null;
  runtimeWorkspaceRoots?: AbsolutePathBuf[] | null;
  sandboxPolicy?: SandboxPolicy | null;
  serviceTier?: string | null;
  serviceTierForTurn?: string | null;
  summary?: ReasoningSummary | null;
  threadId: string;
  toolOutput?: TurnToolOutput | null;
  turnTrigger?: string | null;
};

/** The result of "turn/start". @internal */
export type TurnStartResponse = { turn: Turn };

/** The params of "turn/started". @internal */
export type TurnStartedNotification = {
  threadId: string;
  turn: Turn;
};

/** A part of the protocol. @internal */
export type TurnStatus = "completed" | "interrupted" | "failed" | "inProgress";

/** The params of "turn/steer". @internal */
export type TurnSteerParams = {
  additionalContext?: { [key: string]: AdditionalContextEntry } | null;
  clientUserMessageId?: string | null;
  expectedTurnId: string;
  input: UserInput[];
  responsesapiClientMetadata?: { [key: string]: string } | null;
  responsesapiClientMetadataPatch?: { [key: string]: string } | null;
  threadId: string;
};

/** The result of "turn/steer". @internal */
export type TurnSteerResponse = { turnId: string };

/** A part of the protocol. @internal */
export type TurnToolOutput = {
  name: string;
  namespace?: string | null;
  output: FunctionCallOutputBody;
  retain?: boolean;
};

/** A part of the protocol. @internal */
export type TurnsPage = {
  backwardsCursor?: string | null;
  data: Turn[];
  nextCursor?: string | null;
};

/** A part of the protocol. @internal */
export type UserInput =
  | {
    text: string;
    text_elements?: TextElement[];
    type: "text";
  }
  | (
    & {
      detail?: ImageDetail | null;
      type: "image";
    }
    & ({ url: string } | { fileId: string })
  )
  | {
    detail?: ImageDetail | null;
    path: string;
    type: "localImage";
  }
  | ({ type: "audio" } & ({ url: string } | { fileId: string }))
  | {
    path: string;
    type: "localAudio";
  }
  | {
    name: string;
    path: string;
    type: "skill";
  }
  | {
    name: string;
    path: string;
    type: "mention";
  };

/** The params of "userVerification/cancel". @internal */
export type UserVerificationCancelParams = { requestId: RequestId };

/** The result of "userVerification/cancel". @internal */
export type UserVerificationCancelResponse = { [key: string]: unknown };

/** A part of the protocol. @internal */
export type UserVerificationCancellationReason = "userCancelled" | "interrupted";

/** The params of "userVerification/delete". @internal */
export type UserVerificationDeleteParams = { [key: string]: never };

/** The result of "userVerification/delete". @internal */
export type UserVerificationDeleteResponse = { [key: string]: unknown };

/** The params of "userVerification/enroll". @internal */
export type UserVerificationEnrollParams = { [key: string]: never };

/** The result of "userVerification/enroll". @internal */
export type UserVerificationEnrollResponse = {
  algorithm?: string | null;
  credentialId: string;
  publicKey?: string | null;
};

/** A part of the protocol. @internal */
export type UserVerificationErrorDetails =
  | {
    reason: UserVerificationInvalidRequestReason;
    type: "invalidRequest";
  }
  | {
    reason: UserVerificationUnavailableReason;
    type: "unavailable";
  }
  | {
    reason: UserVerificationCancellationReason;
    type: "cancelled";
  }
  | {
    reason: UserVerificationFailureReason;
    type: "failed";
  };

/** A part of the protocol. @internal */
export type UserVerificationFailureReason =
  | "authenticationFailed"
  | "timeout"
  | "providerError"
  | "serviceError";

/** A part of the protocol. @internal */
export type UserVerificationInvalidRequestReason = "invalidParams";

/** A part of the protocol. @internal */
export type UserVerificationProof = {
  credentialId: string;
  signature: string;
};

/** A part of the protocol. @internal */
export type UserVerificationRpcError = {
  code: number;
  data: UserVerificationErrorDetails;
  message: string;
};

/** The params of "userVerification/status". @internal */
export type UserVerificationStatusParams = { [key: string]: never };

/** The result of "userVerification/status". @internal */
export type UserVerificationStatusResponse = {
  credentialId?: string | null;
  unavailableMessage?: string | null;
  unavailableReason?: UserVerificationUnavailableReason | null;
};

/** A part of the protocol. @internal */
export type UserVerificationUnavailableReason =
  | "credentialMissing"
  | "biometricsUnavailable"
  | "providerUnavailable";

/** The params of "userVerification/verify". @internal */
export type UserVerificationVerifyParams = {
  challenge: string;
  description: string;
  title: string;
};

/** The result of "userVerification/verify". @internal */
export type UserVerificationVerifyResponse = { proof: UserVerificationProof };

/** A part of the protocol. @internal */
export type Verbosity = "low" | "medium" | "high";

/** A part of the protocol. @internal */
export type W3cTraceContext = {
  traceparent?: string | null;
  tracestate?: string | null;
};

/** The params of "warning". @internal */
export type WarningNotification = {
  message: string;
  threadId?: string | null;
};

/** A part of the protocol. @internal */
export type WebSearchAction =
  | {
    queries?: string[] | null;
    query?: string | null;
    type: "search";
  }
  | {
    type: "openPage";
    url?: string | null;
  }
  | {
    pattern?: string | null;
    type: "findInPage";
    url?: string | null;
  }
  | { type: "other" };

/** A part of the protocol. @internal */
export type WebSearchContextSize = "low" | "medium" | "high";

/** A part of the protocol. @internal */
export type WebSearchLocation = {
  city?: string | null;
  country?: string | null;
  region?: string | null;
  timezone?: string | null;
};

/** A part of the protocol. @internal */
export type WebSearchMode = "disabled" | "cached" | "indexed" | "live";

/** A part of the protocol. @internal */
export type WebSearchProvider = "standalone" | "search_mcp";

/** A part of the protocol. @internal */
export type WebSearchToolConfig = {
  allowed_domains?: string[] | null;
  context_size?: WebSearchContextSize | null;
  location?: WebSearchLocation | null;
};

/** A part of the protocol. @internal */
export type WindowsSandboxImplementation = "elevated" | "unelevated" | "mxc";

/** A part of the protocol. @internal */
export type WindowsSandboxReadiness = "ready" | "notConfigured" | "updateRequired";

/** The result of "windowsSandbox/readiness". @internal */
export type WindowsSandboxReadinessResponse = { status: WindowsSandboxReadiness };

/** The params of "windowsSandbox/setupCompleted". @internal */
export type WindowsSandboxSetupCompletedNotification = {
  error?: string | null;
  mode: WindowsSandboxSetupMode;
  success: boolean;
};

/** A part of the protocol. @internal */
export type WindowsSandboxSetupMode = "elevated" | "unelevated";

/** The params of "windowsSandbox/setupStart". @internal */
export type WindowsSandboxSetupStartParams = {
  cwd?: AbsolutePathBuf | null;
  mode: WindowsSandboxSetupMode;
};

/** The result of "windowsSandbox/setupStart". @internal */
export type WindowsSandboxSetupStartResponse = { started: boolean };

/** The params of "windows/worldWritableWarning". @internal */
export type WindowsWorldWritableWarningNotification = {
  extraCount: number;
  failedScan: boolean;
  samplePaths: string[];
};

/** A part of the protocol. @internal */
export type WorkspaceMessage = {
  archivedAt?: number | null;
  createdAt?: number | null;
  messageBody: string;
  messageId: string;
  messageType: WorkspaceMessageType;
};

/** A part of the protocol. @internal */
export type WorkspaceMessageType = "headline" | "announcement" | "unknown";

/** A part of the protocol. @internal */
export type WorkspaceRouting = {
  accountRoutingOverride: AccountRoutingOverride;
  backendOrigin: string;
  chatgptAccountId: string;
};

/** A part of the protocol. @internal */
export type WriteStatus = "ok" | "okOverridden";
