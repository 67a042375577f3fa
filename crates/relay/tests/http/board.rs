//! What a supervisor sees.

use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::{answer, connect, relay};

#[tokio::test]
async fn only_supervisors_see_the_board() {
    let relay = relay().await;
    let reply = relay.get_as(&relay.cookie().await, "/api/board").await;
    assert_eq!(reply.problem(), "403 -: This is for supervisors");
    assert_eq!(relay.get("/api/board").await.status, 401);
    assert_eq!(relay.get_as(&relay.cookie_of(1).await, "/api/board").await.status, 200);
}

#[tokio::test]
async fn a_supervisor_sees_who_rings_and_who_talks() {
    let relay = relay().await;
    let (agent, supervisor) = (relay.cookie().await, relay.cookie_of(1).await);
    let mut socket = relay.socket(&agent, "").await;
    assert_eq!(socket.next().await["type"], "snapshot");
    socket.say(&json!({ "available": { "available": true } })).await;
    assert_eq!(socket.next().await["type"], "presence");
    assert_eq!(relay.deliver(&connect("event-1", "wacid.A")).await.status, 200);

    let reply = relay.get_as(&supervisor, "/api/board").await;
    let mut board = reply.json();
    for place in ["/now", "/seq", "/calls/0/since", "/calls/0/stage/ringing/expires"] {
        let number = board.pointer_mut(place).unwrap();
        assert!(number.is_u64(), "{place}");
        *number = json!("(number)");
    }
    assert_json_snapshot!(board, @r#"
    {
      "seq": "(number)",
      "now": "(number)",
      "agents": [
        {
          "username": "asha",
          "name": "Asha",
          "role": "agent",
          "presence": "available",
          "reachable": true
        },
        {
          "username": "ben",
          "name": "Ben",
          "role": "supervisor",
          "presence": "away",
          "reachable": false
        }
      ],
      "calls": [
        {
          "call": "wacid.A",
          "direction": "inbound",
          "party": {
            "number": "+919800000001",
            "name": "Asha Rao"
          },
          "business": "+911140001234",
          "since": "(number)",
          "stage": {
            "ringing": {
              "agents": [
                "asha"
              ],
              "expires": "(number)"
            }
          }
        }
      ]
    }
    "#);
    // No session description: to see a call is not to be able to take it.
    assert!(!reply.text().contains("a=fingerprint"));

    let tag = reply.header("etag").to_owned();
    let again = relay.request("GET", "/api/board").header("Cookie", &supervisor);
    let same = relay.send(again.header("If-None-Match", &tag)).await;
    assert_eq!((same.status, same.body.len()), (304, 0));

    let body = json!({ "call_id": "wacid.A", "action": "accept", "sdp": answer() });
    assert_eq!(relay.post(&agent, "/api/calls/whatsapp/action", &body).await.status, 200);
    let again = relay.request("GET", "/api/board").header("Cookie", &supervisor);
    let board = relay.send(again.header("If-None-Match", &tag)).await.json();
    assert_eq!(board["calls"][0]["owner"], "asha", "{board}");
    assert!(board["calls"][0]["stage"]["talking"]["since"].is_u64(), "{board}");
}
