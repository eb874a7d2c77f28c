const Storage = 'asrhub.key';

/** The key from the link that the server printed; taken out of the address so that it is not shown or shared by accident. */
export function takeAccessKey(location: Location, history: History, storage: globalThis.Storage): string | undefined {
  const url = new URL(location.href);
  const fragment = new URLSearchParams(url.hash.slice(1));
  const key = fragment.get('key') ?? url.searchParams.get('key');
  if (key === null) return storage.getItem(Storage) ?? undefined;
  fragment.delete('key');
  url.searchParams.delete('key');
  url.hash = fragment.toString();
  history.replaceState(history.state, '', url);
  rememberAccessKey(key, storage);
  return key;
}

export function rememberAccessKey(key: string, storage: globalThis.Storage): void {
  storage.setItem(Storage, key);
}
