SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  NOT "p"."customer_id" IN (
    SELECT
      customer_id
    FROM fct_interactions
    WHERE
      (
        NOT customer_id IS NULL AND interaction_date <= $p0
      ) AND "topic" = $p1
  )
-- $p0 = datetime.date(2026, 3, 31)
-- $p1 = 'left'
