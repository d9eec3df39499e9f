/**
 * The API key of the tests, which must not show in anything that they print or that is thrown.
 *
 * It does not look like a key, so that only who knows it can redact it, and is spelled differently
 * in JSON, TOML, XML and URLs.
 */
export const plantedKey = 'planted/Kq7vXw2p+Rj4nTb6h="Zs8gLd5m"\\9cYf3';
