import type { Migration } from '../../migration/index.ts';
import type { Pages } from '../../platform/pages/create-pages.ts';

export interface InsightDeps {
  readonly migration: Pick<Migration, 'progress'>;
  readonly pages: Pick<Pages, 'translate'>;
}
