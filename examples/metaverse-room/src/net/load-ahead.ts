/**
 * Fetches files into the browser's cache while the visitor still reads, so that they are there when needed.
 * @param onShare Told the loaded share in [0, 1].
 */
export async function loadAhead(urls: readonly string[], onShare: (share: number) => void): Promise<void> {
  const shares = urls.map(() => 0);
  const tell = (): void => onShare(shares.reduce((sum, share) => sum + share, 0) / Math.max(1, urls.length));
  await Promise.all(
    urls.map(async (url, index) => {
      try {
        const response = await fetch(url);
        const totalBytes = Number(response.headers.get('content-length')) || 0;
        let bytes = 0;
        for (const reader = response.body?.getReader(); reader; ) {
          const { done, value } = await reader.read();
          if (done) break;
          bytes += value.length;
          if (totalBytes > 0) shares[index] = Math.min(0.99, bytes / totalBytes);
          tell();
        }
      } catch {
        // Whoever needs the file asks again and reports what is wrong with it.
      }
      shares[index] = 1;
      tell();
    }),
  );
}
