import { api, ask } from "./session";

/** A badge is small: no side of a photo longer than this. */
const LONGEST = 600;
const QUALITIES = [0.85, 0.7, 0.5];
const LARGEST = 240 * 1024;

/** Draw a photo anew as a JPEG of badge size: what else the file held stays on this computer. */
export async function asBadge(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  let drawn: Blob | null = null;
  for (const quality of QUALITIES) {
    drawn = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (drawn && drawn.size <= LARGEST) break;
  }
  if (!drawn) throw new Error("the picture could not be drawn");
  return drawn;
}

export const sendPhoto = (number: string, photo: Blob) =>
  ask(
    api.PUT("/api/staff/{number}/photo", {
      params: { path: { number } },
      headers: { "Content-Type": photo.type },
      // The description calls binary content a string; what goes out is the picture itself.
      body: photo as unknown as string,
      bodySerializer: (body: unknown) => body as Blob,
    }),
  );
