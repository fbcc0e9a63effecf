SELECT
  "p"."customer_id"
FROM customer_profiles AS p
LEFT JOIN (
  SELECT
    customer_id,
    AVG("nps_score") AS "average_nps_score"
  FROM fct_interactions
  WHERE
    (
      NOT customer_id IS NULL AND interaction_date >= $p1
    )
    AND interaction_date <= $p2
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
WHERE
  "j0"."average_nps_score" <= $p0
-- $p0 = 3.0
-- $p1 = datetime.date(2025, 1, 1)
-- $p2 = datetime.date(2026, 3, 31)
