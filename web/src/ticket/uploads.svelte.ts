// Files on their way to the server, and those that arrived and wait for the command that names them.
import { type Attachment, upload } from "../api/tickets";

export type Uploaded = Pick<Attachment, "id" | "name">;

export class Uploads {
  files = $state.raw<Uploaded[]>([]);
  uploading = $state.raw<string[]>([]);
  error = $state.raw<unknown>(null);

  get ids() {
    return this.files.map((file) => file.id);
  }

  async attach(chosen: Iterable<File>) {
    this.error = null;
    for (const file of chosen) {
      this.uploading = [...this.uploading, file.name];
      try {
        const { id } = await upload(file);
        this.files = [...this.files, { id, name: file.name }];
      } catch (error) {
        this.error = error;
      } finally {
        this.uploading = this.uploading.filter((name) => name !== file.name);
      }
    }
  }

  detach(id: string) {
    this.files = this.files.filter((file) => file.id !== id);
  }
}
