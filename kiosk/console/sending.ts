import { saveFile } from "./setup";

/** How a file goes out as it is: the description calls binary content a string, what is sent is the file itself. */
export const asItIs = (file: File) => ({
  headers: { "Content-Type": "application/octet-stream" },
  body: file as unknown as { file: string },
  bodySerializer: (body: unknown) => body as File,
});

/** The same as fields of a form, where another file may go beside it; a field without a file is left out. */
export function asForm(files: Record<string, File | null>) {
  const form = new FormData();
  for (const [name, file] of Object.entries(files)) if (file) form.append(name, file);
  return { body: form as unknown as { file: string }, bodySerializer: (body: unknown) => body as FormData };
}

/** Keep the workbook that comes back with marked cells, under the name of the file that was sent. */
export function keepMarked(sent: File, content: unknown): void {
  saveFile(`${sent.name.replace(/\.[a-z0-9]+$/i, "")}-marked.xlsx`, content as Blob);
}
