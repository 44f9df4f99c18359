// Why a ticket stays on its version, in words.
import { m } from "$m";
import type { Obstacle, ObstacleKind } from "../api/openTickets";
import { clientBook } from "../clients/book.svelte";

const WORDS: Record<ObstacleKind, (client: string, key: string, of: string) => string> = {
  status: (client, key) => m.moving_no_status({ name: clientBook.statusWord(client, key) }),
  status_phase: (client, key) => m.moving_status_phase({ name: clientBook.statusWord(client, key) }),
  category: (client, key) => m.moving_no_category({ name: clientBook.categoryWord(client, key) }),
  queue: (client, key) => m.moving_no_queue({ name: clientBook.queueWord(client, key) }),
  field: (client, key) => m.moving_no_field({ name: clientBook.fieldWord(client, key) }),
  field_kind: (client, key) => m.moving_field_kind({ name: clientBook.fieldWord(client, key) }),
  choice: (client, key, of) => m.moving_no_choice({ name: key, field: clientBook.fieldWord(client, of) }),
  resolution: (_, key) => m.moving_no_resolution({ name: key }),
  department: (client, key) => m.moving_no_department({ name: clientBook.queueWord(client, key) }),
  timer: (_, key) => m.moving_no_timer({ name: key }),
  function: (_, key, of) => m.moving_no_function({ name: key, ladder: of }),
  stage: (client, key, of) => m.moving_no_stage({ name: clientBook.statusWord(client, key), ladder: of }),
  answer: (_, key) => m.moving_no_answer({ name: key }),
  refused: (_, key) => key,
};

export const obstacleWords = (client: string, { what, key, of }: Obstacle) => WORDS[what](client, key, of ?? "");
