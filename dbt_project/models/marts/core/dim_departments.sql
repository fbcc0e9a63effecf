-- One row per department of the operator, with its place in the tree: path of ids from the head office down.
with recursive tree as (
  select department_id, parent_id, name, kind, region_code, updated_at,
    0 as depth, department_id as path, name as path_name
  from {{ ref('stg_foris__departments') }}
  where parent_id is null or parent_id not in (select department_id from {{ ref('stg_foris__departments') }})
  union all
  select child.department_id, child.parent_id, child.name, child.kind, child.region_code, child.updated_at,
    tree.depth + 1, tree.path || '/' || child.department_id, tree.path_name || ' / ' || child.name
  from {{ ref('stg_foris__departments') }} as child
  join tree on tree.department_id = child.parent_id
  -- A loop in the source must not hang the build.
  where tree.depth < 20
)

select
  department_id,
  parent_id as parent_department_id,
  name as department_name,
  kind,
  region_code,
  cast(depth as bigint) as depth,
  path,
  path_name,
  updated_at
from tree
