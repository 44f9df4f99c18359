// A person's own saved views, kept on the server.
import { get, post, remove } from "../api/client";
import { type View, filtersOf, queryOf, type Filters } from "./filters";

interface SavedView {
  id: string;
  name: string;
  query: string;
}

class SavedViews {
  all = $state.raw<View[]>([]);

  async load() {
    const { items } = await get<{ items: SavedView[] }>("views");
    this.all = items.map((one) => ({ key: one.id, name: one.name, filters: filtersOf(new URLSearchParams(one.query)) }));
  }

  async save(name: string, filters: Filters) {
    await post("views", { name, query: queryOf(filters) });
    await this.load();
  }

  async remove(key: string) {
    await remove(`views/${key}`);
    await this.load();
  }
}

export const savedViews = new SavedViews();
