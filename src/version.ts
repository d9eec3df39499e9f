/** The version of this module. */
export const sdkVersion = "0.1.0";
