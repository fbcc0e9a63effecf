SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."segment" <> $p0
    AND NOT (
      "p"."age_years" > $p1
    ) IS TRUE
    AND (
      NOT (
        CONTAINS(LOWER(CAST("p"."district" AS TEXT)), LOWER($p2))
      ) IS TRUE
      OR NOT (
        "p"."is_inactive" = $p3
      ) IS TRUE
    )
  )
-- $p0 = 'mass'
-- $p1 = 4
-- $p2 = 'a'
-- $p3 = True
