/**
 * Frees a chunk of a body at once. Node gives each chunk memory of its own, of 64 KiB at most, which else stays until the garbage
 * collector looks: under bodies of 8 MiB, 100 MB of such chunks lay about, and the holes that they leave are never given back.
 *
 * Nobody may use the chunk any more: it is empty afterwards.
 */
export function freeChunk({ buffer, byteLength }: Buffer): void {
  const ownsAll = byteLength > 0 && byteLength === buffer.byteLength; // Else others use the same memory.
  if (ownsAll && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
