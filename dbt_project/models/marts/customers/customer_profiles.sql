{{ config(materialized='table') }}

{{ profile_at(as_of()) }}
